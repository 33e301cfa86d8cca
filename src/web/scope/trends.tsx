import type { TrendShape } from '../../daemon/api/shapes.ts'
import { useAnswer } from '../data/use-server.tsx'
import { Chart } from './chart.tsx'

/** How it went, pass by pass, since the server started. */
export function Trends({ path, version }: { path: string; version: number }) {
  const { value } = useAnswer<TrendShape>(`${path}/trend`, version)
  const points = value?.points ?? []
  if (points.length < 2) return null
  const times = points.map(({ at }) => at)
  const series = (label: 'failing' | 'unknown' | 'waiting' | 'drifted' | 'changes', tone: string) => ({
    label,
    tone,
    values: points.map((point) => point[label]),
  })
  return (
    <section aria-labelledby="trends" class="card">
      <h2 id="trends">Trends</h2>
      <div class="charts">
        <Chart
          title="Mailboxes that are not healthy"
          times={times}
          series={[series('failing', 'trouble'), series('unknown', 'unknown'), series('waiting', 'waiting')]}
        />
        <Chart
          title="Drift and planned changes"
          times={times}
          series={[series('drifted', 'drift'), series('changes', 'changes')]}
        />
      </div>
    </section>
  )
}
