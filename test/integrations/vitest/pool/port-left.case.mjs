import { pool } from './port.mjs'

pool('left')
