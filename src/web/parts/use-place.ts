import { useEffect, useState } from 'preact/hooks'
import { hrefOf, type Place, parsePlace } from '../place.ts'

/** Where one is; follows the address. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const follow = () => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return parsePlace(hash)
}

/** Goes to a place without a new entry in the history: a filter that is being typed is not a step to go back to. */
export function changePlace(place: Place): void {
  history.replaceState(null, '', hrefOf(place))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** Goes to a place, as a link does. */
export function goTo(place: Place): void {
  location.hash = hrefOf(place)
}
