import { useState } from 'preact/hooks'

type Theme = 'system' | 'light' | 'dark'

const KEPT_AS = 'mailkeel.theme'
const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

/** Applies what this browser kept; where it keeps nothing, its own preference holds. */
export function applyKeptTheme(): void {
  applyTheme(keptTheme())
}

/** The switch between light and dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(keptTheme)
  const choose = (next: Theme) => {
    setTheme(next)
    applyTheme(next)
    keep(next)
  }
  return (
    <fieldset class="theme">
      <legend class="unseen">Colours</legend>
      {THEMES.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name="theme" value={value} checked={theme === value} onChange={() => choose(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.dataset['theme'] = theme
}

function keptTheme(): Theme {
  try {
    return THEMES.find(([theme]) => theme === localStorage.getItem(KEPT_AS))?.[0] ?? 'system'
  } catch {
    return 'system'
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEPT_AS, theme)
  } catch {
    // A browser that keeps nothing only forgets the choice.
  }
}
