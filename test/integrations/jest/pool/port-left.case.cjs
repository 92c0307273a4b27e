require('./port.cjs').meet('left')
