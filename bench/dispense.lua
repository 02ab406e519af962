-- wrk: every request a new wish to pour, on the next tap, by another guest.
-- Arguments: number of taps, a text that makes this run's request ids its own.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  taps = tonumber(arguments[1])
  run = arguments[2]
  count = 0
  headers = { ["Content-Type"] = "application/json" }
end

function request()
  count = count + 1
  local tap = count % taps
  local body = string.format(
    '{"amount_ml":30,"user_token":"guest-%d","tap":"t%d","request_id":"%s-%d-%d"}',
    count % 1000, tap, run, number, count)
  return wrk.format("POST", "/api/dispense", headers, body)
end
