import { pool } from './port.mjs'

pool('right')
