import { Metrics } from '../src/metrics/metrics.ts'
import { ScrapeThread } from '../src/metrics/scrape-thread.ts'
const thread = new ScrapeThread()
const m = new Metrics({version:'1', renderer: thread})
for (let w=0;w<1000;w++){ const row=m.rowOf('webhook-number-'+w); for(let i=0;i<200;i++){ m.recorder.attempt(row, i%9?'success':'status', Math.random()*200); m.invoke('webhook-number-'+w,'success', Math.random()*300); m.exemplar('webhook-number-'+w,'invoke', Math.random()*300,'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',Date.now()); m.delivery('webhook-number-'+w,'delivered'); m.endpointLatency('https://customer-'+w+'.example.com', Math.random()*200)} }
m.circuits(()=>Array.from({length:1000},(_, i)=>({endpoint:'https://customer-'+i+'.example.com',state:'closed' as const})))
for (const format of [{isOpenMetrics:false,isCompressed:true},{isOpenMetrics:true,isCompressed:true},{isOpenMetrics:true,isCompressed:false}])
for (let k=0;k<6;k++){ const u=performance.eventLoopUtilization(); const t=performance.now(); const p=m.scrape(format); const b=await p; const e=performance.eventLoopUtilization(u); console.log((performance.now()-t).toFixed(1),'ms; main active',e.active.toFixed(2), b.length) ; await new Promise(r=>setTimeout(r,200))}

import { joinInSlices } from '../src/metrics/exposition.ts'
import { EndpointLatencies } from '../src/metrics/endpoint-latencies.ts'
import { BoundedLabels } from '../src/metrics/bounded-labels.ts'
import { processRegistry } from '../src/metrics/registered.ts'
import { Gauges } from '../src/metrics/gauges.ts'
const thread2 = new ScrapeThread()
const cpu = async (name: string, f: () => Promise<unknown>) => { const out=[]; for (let k=0;k<8;k++){ const c = process.threadCpuUsage(); await f(); const d = process.threadCpuUsage(c); out.push(((d.user+d.system)/1000).toFixed(2)) } console.log(name, out.join(' ')) }
const ls = new BoundedLabels(1000); const lat = new EndpointLatencies(ls)
for (let w=0;w<1000;w++) for(let i=0;i<200;i++) lat.record('https://customer-'+w+'.example.com', Math.random()*200, 1)
const g = new Gauges(ls, { circuits: () => Array.from({length:1000},(_, i)=>({endpoint:'https://customer-'+i+'.example.com',state:'closed' as const})) })
const reg = processRegistry()
await cpu('latencies', () => (async () => lat.read(2))())
await cpu('gauges', () => joinInSlices(g.families()))
await cpu('process', () => reg.metrics())
const mm = new Metrics({version:'1', renderer: thread2, showsProcess: false})
await cpu('whole', () => m.scrape({isOpenMetrics:true,isCompressed:true}))
for (let w=0;w<1000;w++) mm.rowOf('webhook-number-'+w)
await cpu('empty', () => mm.scrape({isOpenMetrics:true,isCompressed:true}))
await thread2[Symbol.asyncDispose]()
await thread[Symbol.asyncDispose]()
