// SPDX-License-Identifier: Apache-2.0
//
// kinesalite on a free port of 127.0.0.1 (left alone it listens on every
// interface), which it prints. A client that goes away in the middle of a
// request does not end the process, as it would; and an answer in CBOR is not
// cut at 16 KiB (its encoder's buffer), as it would be.
//
// The file in argv[2] is the witness: one line of JSON for each PutRecords
// answered, with [shard, sequence number] of its records in request order.
'use strict'

const fs = require('fs')
const cbor = require('cbor')
const kinesalite = require('kinesalite')

const encodeOne = cbor.Encoder.encodeOne
cbor.Encoder.encodeOne = value => encodeOne(value, {highWaterMark: 16 << 20})

const witness = fs.openSync(process.argv[2], 'a')
const server = kinesalite({createStreamMs: 0, shardLimit: 100})
const [handle] = server.listeners('request')

function testify(target, type, body) {
  if (!/\.PutRecords$/.test(target) || !body)
    return
  const answer = /cbor/.test(type)
    ? cbor.Decoder.decodeFirstSync(body) : JSON.parse(body.toString())
  if (answer.Records)
    fs.writeSync(witness, JSON.stringify(
      answer.Records.map(r => [r.ShardId, r.SequenceNumber])) + '\n')
}

server.removeAllListeners('request')
server.on('request', (req, res) => {
  const end = res.end
  res.end = function(body) {
    testify(req.headers['x-amz-target'], res.contentType, body)
    return end.apply(res, arguments)
  }
  handle(req, res)
  req.removeAllListeners('error')
  req.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('SIGTERM', () => process.exit(0))
