// Loaded before another file (`node --import`), makes it believe that it runs under Node.js 20; with an architecture
// after `?`, on such a machine.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })
Object.defineProperty(process, 'version', { value: 'v20.19.0' })
const architecture = new URL(import.meta.url).search.slice(1)
if (architecture !== '') Object.defineProperty(process, 'arch', { value: architecture })
