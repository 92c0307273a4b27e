/** What to start: a program that answers, line by line, what `session.mjs` asks of it. */
export interface Command {
  file: string
  args: string[]
}

/** One way of doing a workload: one row of its table. */
export interface Peer {
  name: string
  title: string
  /** What this peer does that others do not, or leaves out; printed under the table. */
  differs: string
  /** The bench fails when this peer cannot run; the others are left out, with the reason. */
  required?: boolean
  /** A new process for every run: what is measured is the first operation in it. */
  fresh?: boolean
  /** At most so many runs in a round. */
  perRound?: number
  /** exec only: the command runs in the peer's own namespace, the host's. */
  outside?: boolean
  /** Compiles or looks for what is needed. `folder` is temporary and the bench's own. An error says what is missing. */
  prepare(folder: string): Promise<Command>
}

export interface Workload {
  name: string
  title: string
  /** Each run makes namespaces: the next one waits until the kernel has taken them down. */
  makesNamespaces: boolean
  /** How many times as many runs as `--iterations` says. */
  factor: number
  /** Reads back what the peer built, or throws. */
  verify(ask: (line: string) => Promise<string>, peer: Peer): Promise<void>
  /** In the order in which they take turns. The rows named `c` and `library` are what the others are compared with. */
  peers: Peer[]
}

/** One run, in milliseconds, as measured inside the peer. */
export interface Run {
  run: number
  close?: number
}

/** Milliseconds. `median` is the median of the rounds' medians. */
export interface Summary {
  median: number
  fastest: number
  slowest: number
  runs: number
}

export interface PeerResult {
  name: string
  title: string
  differs: string
  /** What it built was read back. */
  verified: boolean
  /** Why it did not run. */
  skipped?: string
  run?: Summary
  close?: Summary
  /** How many times as long as the C program it took: the median of the ratios of each round. */
  ratioToC?: number
  /** How many times as long as this library it took. */
  ratioToLibrary?: number
  /** Every run of every round, in milliseconds. */
  rounds: Run[][]
}

export interface WorkloadResult {
  name: string
  title: string
  peers: PeerResult[]
}

export interface Results {
  date: string
  machine: { cpu: string; cpus: number; kernel: string; arch: string; node: string }
  root: boolean
  rounds: number
  iterations: number
  /** Unmeasured runs before the first round. */
  warmup: number
  /** How often the kernel was still taking namespaces down when the bench gave up waiting. */
  unsettled: number
  workloads: WorkloadResult[]
}
