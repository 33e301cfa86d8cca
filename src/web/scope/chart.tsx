import { useState } from 'preact/hooks'
import { exact, number } from '../words.ts'

/** One line of a chart. Its dash tells it apart from the others without colour. */
export interface Series {
  readonly label: string
  readonly tone: string
  readonly values: readonly number[]
}

interface ChartOptions {
  readonly title: string
  /** ISO 8601, one per value. */
  readonly times: readonly string[]
  readonly series: readonly Series[]
}

const WIDTH = 600
const HEIGHT = 120
/** Rows of the table that says the same; nobody reads five hundred. */
const ROWS = 24

/** Numbers over time as lines, and the same as a table for who does not see them. */
export function Chart({ title, times, series }: ChartOptions) {
  const [at, setAt] = useState<number>()
  const top = niceTop(Math.max(...series.flatMap(({ values }) => values)))
  const shown = at ?? times.length - 1
  const placeX = scaleOf(times)
  const point = (event: PointerEvent & { currentTarget: Element }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setAt(nearest(times, placeX, ((event.clientX - left) / width) * WIDTH))
  }
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="legend">
          {series.map(({ label, tone, values }) => (
            <span key={label} class={`key tone-${tone}`}>
              <svg viewBox="0 0 20 4" aria-hidden="true">
                <path d="M0 2h20" />
              </svg>
              {label} <strong>{number(values[shown] ?? 0)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot">
        <span class="axis" aria-hidden="true">
          <span>{number(top)}</span>
          <span>0</span>
        </span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={summaryOf(title, series)}
          onPointerMove={point}
          onPointerLeave={() => setAt(undefined)}
        >
          <path class="grid" d={`M0 ${HEIGHT / 2}H${WIDTH}M0 1H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}`} />
          {series.map(({ label, tone, values }) => (
            <path key={label} class={`line tone-${tone}`} d={steps(values, times, placeX, top)} />
          ))}
          {at !== undefined && <path class="cursor" d={`M${placeX(times[at] ?? '')} 0V${HEIGHT}`} />}
        </svg>
      </div>
      <p class="chart-times dim">
        <span>{exact(times[0] ?? '').slice(0, 16)}</span>
        <span>{at === undefined ? 'last pass' : exact(times[at] ?? '')}</span>
      </p>
      <ChartTable title={title} times={times} series={series} />
    </figure>
  )
}

function ChartTable({ title, times, series }: ChartOptions) {
  const every = Math.ceil(times.length / ROWS)
  const rows = times.map((_, index) => times.length - 1 - index).filter((_, index) => index % every === 0)
  return (
    <details>
      <summary>As a table</summary>
      <table>
        <caption class="unseen">{title}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={times[row]}>
              <th scope="row">{exact(times[row] ?? '')}</th>
              {series.map(({ label, values }) => (
                <td key={label}>{number(values[row] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** `1`, `2`, `5` times a power of ten, at least 4: a single failure is no cliff. */
function niceTop(highest: number): number {
  if (highest <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(highest))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= highest) ?? highest
}

function scaleOf(times: readonly string[]): (iso: string) => number {
  const [begin, end] = [Date.parse(times[0] ?? ''), Date.parse(times.at(-1) ?? '')]
  return (iso) => (end > begin ? ((Date.parse(iso) - begin) / (end - begin)) * WIDTH : WIDTH)
}

function nearest(times: readonly string[], placeX: (iso: string) => number, x: number): number {
  const distances = times.map((time) => Math.abs(placeX(time) - x))
  return distances.indexOf(Math.min(...distances))
}

/** A number holds until the next pass told another; slopes between would be invented. */
function steps(
  values: readonly number[],
  times: readonly string[],
  placeX: (iso: string) => number,
  top: number,
): string {
  const y = (value: number) => (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)
  return values
    .map(
      (value, i) =>
        `${i === 0 ? 'M' : 'H'}${placeX(times[i] ?? '').toFixed(1)}${i === 0 ? ` ${y(value)}` : `V${y(value)}`}`,
    )
    .join('')
}

function summaryOf(title: string, series: readonly Series[]): string {
  const parts = series.map(({ label, values }) => {
    const least = Math.min(...values)
    const most = Math.max(...values)
    const now = number(values.at(-1) ?? 0)
    return least === most
      ? `${label} ${now} throughout`
      : `${label} between ${number(least)} and ${number(most)}, now ${now}`
  })
  return `${title}: ${parts.join('; ')}`
}
