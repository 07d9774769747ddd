# The stomp gem against a broker: ruby ruby_stomp.rb VERSION HOST PORT LOGIN PASSCODE.
#
# Prints one line per check: "ok NAME" or "failed NAME: WHY". What is checked is the same in every
# program of this folder.

require 'stomp'
require 'securerandom'
require 'set'
require 'timeout'

TIMEOUT_SECONDS = 5
HEART_BEAT_MS = 500
VERSION, HOST, PORT, LOGIN, PASSCODE = ARGV

class Session
  attr_reader :connection

  def initialize
    @destination = "/queue/ruby-stomp-#{SecureRandom.hex}"
    @asked = 0
    @seen = Set.new
    @messages = []
  end

  def connect
    headers = { 'accept-version' => VERSION, 'host' => '/' }
    headers['heart-beat'] = "#{HEART_BEAT_MS},#{HEART_BEAT_MS}" unless VERSION == '1.0'
    host = { login: LOGIN, passcode: PASSCODE, host: HOST, port: PORT.to_i }
    @connection = Stomp::Connection.new(
      hosts: [host], connect_headers: headers, reliable: false,
      connect_timeout: TIMEOUT_SECONDS, connread_timeout: TIMEOUT_SECONDS
    )
    equal(@connection.protocol, VERSION)
  end

  def subscribe
    # client-individual is younger than 1.0.
    mode = VERSION == '1.0' ? 'client' : 'client-individual'
    @connection.subscribe(@destination, { ack: mode, receipt: receipt }, '1')
    confirmed("receipt-#{@asked}")
  end

  # Three intervals without a frame; without heart-beats the broker would drop the client, and the
  # gem would say so of the broker.
  def idle
    before = @connection.hbrecv_count
    sleep(3.5 * HEART_BEAT_MS / 1000)
    equal([@connection.hb_received, @connection.hbrecv_count > before], [true, true])
    confirmed(publish('still there'))
    equal(message.body, 'still there')
  end

  def text
    confirmed(publish('Grüße, 世界 🚀', 'content-type': 'text/plain'))
    equal(message.body.dup.force_encoding('UTF-8'), 'Grüße, 世界 🚀')
  end

  def headers
    # The gem undoes \\ before it undoes \n: no value here has a backslash before n, r or c.
    sent = { 'colon' => 'a:b::c', 'backslash' => 'a\\z\\', 'umlaut' => 'ä→🚀' }
    sent.merge!('line-feed' => "one\ntwo\n", 'na:me' => 'value') unless VERSION == '1.0'
    sent['carriage-return'] = "one\r\ntwo\r" if VERSION == '1.2'
    confirmed(publish('', sent))
    received = message.headers
    equal(sent.keys.to_h { |name| [name, received[name]&.dup&.force_encoding('UTF-8')] }, sent)
  end

  def binary
    body = ((0..255).to_a * 4 + [0, 0, 10, 0]).pack('C*')
    confirmed(publish(body, 'content-type': 'application/octet-stream'))
    equal(message.body.b, body)
  end

  def commit
    @connection.begin('t1', receipt: receipt)
    confirmed("receipt-#{@asked}")
    confirmed(publish('first', transaction: 't1'), publish('second', transaction: 't1'))
    # What is outside the transaction overtakes it.
    confirmed(publish('outside'))
    equal(message.body, 'outside')
    @connection.commit('t1', receipt: receipt)
    confirmed("receipt-#{@asked}")
    equal([message.body, message.body], %w[first second])
  end

  def abort
    @connection.begin('t2')
    confirmed(publish('aborted', transaction: 't2'))
    @connection.abort('t2', receipt: receipt)
    confirmed("receipt-#{@asked}")
    confirmed(publish('after'))
    equal(message.body, 'after')
  end

  def disconnect
    @connection.disconnect(receipt: receipt)
    equal(@connection.disconnect_receipt.headers['receipt-id'], "receipt-#{@asked}")
  end

  private

  def receipt
    "receipt-#{@asked += 1}"
  end

  def publish(body, headers = {})
    @connection.publish(@destination, body, headers.merge(receipt: receipt))
    "receipt-#{@asked}"
  end

  # The next MESSAGE, acknowledged and the acknowledgement confirmed.
  def message
    take while @messages.empty?
    message = @messages.shift
    id = message.headers[VERSION == '1.2' ? 'ack' : 'message-id']
    # In 1.0 the gem subscribes without an id, so that there is no subscription to name.
    @connection.ack(id, { receipt: receipt }.merge(VERSION == '1.0' ? {} : { subscription: '1' }))
    confirmed("receipt-#{@asked}")
    message
  end

  # Waits until all these receipts have come.
  def confirmed(*receipts)
    take until @seen.superset?(receipts.to_set)
  end

  def take
    frame = Timeout.timeout(TIMEOUT_SECONDS) { @connection.receive }
    case frame&.command
    when 'RECEIPT' then @seen << frame.headers['receipt-id']
    when 'MESSAGE' then @messages << frame
    else raise "unexpected #{frame&.command.inspect}: #{frame&.headers}"
    end
  end

  def equal(actual, expected)
    raise "#{actual.inspect} instead of #{expected.inspect}" unless actual == expected
  end
end

session = Session.new
checks = %i[connect subscribe idle text headers binary commit abort disconnect]
checks.delete(:idle) if VERSION == '1.0'
checks.each do |check|
  session.public_send(check)
  puts "ok #{check}"
rescue StandardError => e
  puts "failed #{check}: #{e.class}: #{e.message}"
  exit 1
ensure
  $stdout.flush
end
