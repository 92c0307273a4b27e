/** Whether the tests run as root: where the host's own stack or a name under /run/netns is touched, an ordinary user is refused. */
export const isRoot = process.geteuid?.() === 0
