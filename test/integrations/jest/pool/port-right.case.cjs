require('./port.cjs').meet('right')
