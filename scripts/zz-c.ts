import { Exemplars } from '../src/metrics/exemplars.ts'
import { serialize } from 'node:v8'
import { WindowedHistogram } from '../src/metrics/windowed-histogram.ts'
import { Gauges } from '../src/metrics/gauges.ts'
import { BoundedLabels } from '../src/metrics/bounded-labels.ts'
const e = new Exemplars()
for (let r=0;r<1000;r++) e.record(r,'invoke',3,'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',Date.now())
const names = Array.from({length:1000},(_, i)=>'webhook-number-'+i)
const time = (n: string, f: () => unknown) => { const out=[]; for (let k=0;k<40;k++){ const t=performance.now(); f(); out.push(performance.now()-t) } out.sort((a,b)=>a-b); console.log(n, out[0].toFixed(3), out[20].toFixed(3)) }
time('exemplars', () => serialize(e.all)); time('names', () => serialize(names))
const hs = names.map(()=>{ const h=new WindowedHistogram(); for(let i=0;i<200;i++)h.record(Math.random()*200,1); return h})
time('quantiles', () => { for (const h of hs) h.quantilesMs([.5,.9,.99,.999],2) })
const g = new Gauges(new BoundedLabels(1000), { circuits: () => names.map((n)=>({endpoint:'https://'+n,state:'closed' as const})) })
time('gauges', () => { let s=''; for (const x of g.families()) s+=x; return s })
