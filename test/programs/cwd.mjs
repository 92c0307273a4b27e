// Tells where it is.
process.send?.(process.cwd())
process.disconnect?.()
