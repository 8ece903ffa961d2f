const npm = '(^|/)node_modules/';
const npmPackage = (...names) => `${npm}(${names.join('|')})/`;

/** What the root entry takes from the adapters. */
const portableAdapters = [
  '^src/adapters/worker-log/in-memory/',
  '^src/adapters/execution-backend/(define-backend|generator-backend)[.]ts$',
  '^src/adapters/execution-backend/generator/',
];

/**
 * "Who may import whom" of docs/architecture.md, a rule for each row. `comment` says what to do instead.
 * Each rule is proved by a planted violation in test/house/walls.test.ts.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment:
        'The domain is rules over data. Time, ids and the ledger come in with the command; what must be done goes out as a call that the runtime performs.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'ports-import-the-domain-only',
      comment:
        'A port is a specification in the words of the domain. Put a shared type into src/domain, and what needs a package or Node into an adapter.',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: '^src/(ports|domain)/' },
    },
    {
      name: 'protocol-imports-domain-and-zod-only',
      comment: 'A schema turns bytes into types of the domain. Sending and receiving them belongs to an adapter.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { pathNot: ['^src/(protocol|domain)/', npmPackage('zod')] },
    },
    {
      name: 'runtime-imports-ports-domain-protocol-only',
      comment:
        'The runtime performs what the domain decides and reaches the world through ports: add to a port, implement it in src/adapters, hand it in by createRuntime or src/composition. It uses no package and nothing of Node.',
      severity: 'error',
      from: { path: '^src/runtime/' },
      to: { pathNot: '^src/(runtime|ports|domain|protocol)/' },
    },
    {
      name: 'adapters-stay-outside',
      comment:
        'An adapter implements a port or calls one. What it needs of the runtime it gets as a port, from src/composition or createRuntime.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/', pathNot: '^src/(adapters|ports|domain|protocol)/' },
    },
    {
      name: 'adapters-import-no-other-adapter',
      comment:
        'An adapter can be taken away without another noticing. Move what two share to src/protocol or src/domain, or join them in src/composition. What authenticators share is beside them, in authenticator/*.ts; the way to a NATS server is in nats/, which knows no port.',
      severity: 'error',
      from: {
        path: '^src/adapters/(?!nats/|execution-backend/|browser-gateway/(?:http|websocket|console)/)([^/]+)/([^/]+)',
      },
      to: {
        path: '^src/adapters/',
        pathNot: ['^src/adapters/$1/$2', '^src/adapters/(?=authenticator/)$1/[^/]+[.]ts$', '^src/adapters/nats/'],
      },
    },
    {
      name: 'nats-is-a-connection',
      comment:
        'What reaches a NATS server knows nothing of what is kept there: records, leases and routes belong to the adapters of their ports. It takes clock and logger, and the client, which is loaded with the first connection.',
      severity: 'error',
      from: { path: '^src/adapters/nats/' },
      to: {
        path: '^src/',
        pathNot: ['^src/adapters/nats/', '^src/ports/(clock|logger)[.]ts$'],
      },
    },
    {
      name: 'gateways-build-on-the-edge',
      comment:
        'What requests and sockets share is in browser-gateway/edge/, which knows neither. A listener serves both, so http/ knows websocket/; websocket/ and what serves the console know the edge alone.',
      severity: 'error',
      from: { path: '^src/adapters/browser-gateway/(http|websocket|console(?!/page))/' },
      to: {
        path: '^src/adapters/',
        pathNot: [
          '^src/adapters/browser-gateway/($1|edge)/',
          '^src/adapters/browser-gateway/websocket/(node-)?upgrade[.]ts$',
        ],
      },
    },
    {
      name: 'backends-share-wire-and-process-only',
      comment:
        'Backends share both ends of the wire, the process tools, the author API and what holds executions, and nothing else. Move what two share into wire/, process/ or held/.',
      severity: 'error',
      from: { path: '^src/adapters/execution-backend/([^/]+)/' },
      to: {
        path: '^src/adapters/',
        pathNot: [
          '^src/adapters/execution-backend/$1/',
          '^src/adapters/execution-backend/(wire|process|socket|generator|held)/',
          '^src/adapters/execution-backend/[^/]+[.]ts$',
        ],
      },
    },
    {
      name: 'author-api-knows-no-transport',
      comment:
        'defineBackend and generatorBackend make plain objects. How one is reached (memory, process, socket) is decided where it is plugged in.',
      severity: 'error',
      from: { path: '^src/adapters/execution-backend/([^/]+[.]ts$|generator/|held/)' },
      to: {
        path: '^src/adapters/',
        pathNot: '^src/adapters/execution-backend/([^/]+[.]ts$|generator/|held/)',
      },
    },
    {
      name: 'gateways-never-reach-a-backend',
      comment:
        'Nothing of a backend can be shown by what cannot name it (B3). A gateway sees BrowserGateway; what it needs to show goes through the projection and the shapes of src/domain/observation.',
      severity: 'error',
      from: { path: '^src/adapters/browser-gateway/' },
      to: { path: '^src/ports/(execution-backend|observation-publisher|worker-log)[.]ts$', reachable: true },
    },
    {
      name: 'client-imports-types-only',
      comment:
        'The client is for browsers and small: `import type` from domain, ports and protocol, no package, nothing of Node. Values of ports/abort.ts alone, which every part waits with.',
      severity: 'error',
      from: { path: '^src/adapters/browser-gateway/client/' },
      to: {
        pathNot: ['^src/adapters/', '^src/ports/abort[.]ts$'],
        dependencyTypesNot: ['type-only', 'type-import'],
      },
    },
    {
      name: 'console-page-is-a-client',
      comment:
        'The page of the console sees what any page can see: through the client, with ids as it makes them, in the shapes of the domain. From the protocol it takes the titles of codes, else types; its packages are preact and diff, which the build puts into the bundle.',
      severity: 'error',
      from: { path: '^src/adapters/browser-gateway/console/page/' },
      to: {
        pathNot: [
          '^src/adapters/browser-gateway/console/page/',
          '^src/adapters/browser-gateway/client/(index|ids)[.]ts$',
          '^src/domain/(ids|codes|observation/[^/]+)[.]ts$',
          '^src/protocol/titles[.]ts$',
          npmPackage('preact', 'diff'),
        ],
        dependencyTypesNot: ['type-only', 'type-import'],
      },
    },
    {
      name: 'contracts-import-ports-domain-protocol-only',
      comment:
        'A suite judges every implementation and runs under every runner: it takes its subject from the harness and asserts with node:assert/strict.',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { pathNot: ['^src/(contracts|ports|domain|protocol)/', '^(node:)?assert/strict$'] },
    },
    {
      name: 'inversify-in-composition-only',
      comment:
        'Everything is made by plain factories. Bind them in src/composition, the only room that knows a container.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/composition/' },
      to: { path: npmPackage('inversify', '@inversifyjs', 'reflect-metadata') },
    },
    {
      name: 'root-entry-is-a-list',
      comment:
        'The root entry offers runtime, ports, domain, the in-memory log and the author API. Another adapter gets an entry of its own in package.json.',
      severity: 'error',
      from: { path: '^src/index[.]ts$' },
      to: { pathNot: ['^src/(runtime|ports|domain)/', ...portableAdapters] },
    },
    {
      name: 'root-entry-runs-anywhere',
      comment:
        'What the root entry offers runs without Node and without packages. Put what needs them into an adapter with an entry of its own.',
      severity: 'error',
      from: { path: portableAdapters },
      to: { pathNot: '^src/' },
    },
    {
      name: 'no-cycles',
      comment: 'Move what both need into a file of its own that imports neither.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'sources-import-shipped-packages-only',
      comment:
        'Who installs workport gets its dependencies, not its devDependencies. Name the package in dependencies, with its reason in the change.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/browser-gateway/console/page/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'imports-resolve',
      comment: 'A rule sees only what resolves: correct the path, or add the package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default', 'require'],
      extensions: ['.ts', '.tsx', '.mts', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
