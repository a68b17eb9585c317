//! What Redis runs, each as one: the scripts of the operations.

/// The largest record. Returns the version, a line feed and the record; or nothing; or 1 for one that is larger.
pub(super) const LOAD: &str = "
if redis.call('HSTRLEN', KEYS[1], 'record') > tonumber(ARGV[1]) then return 1 end
local version = redis.call('HGET', KEYS[1], 'version')
local record = redis.call('HGET', KEYS[1], 'record')
if not version or not record then return false end
return version .. '\\n' .. record";

/// Expected version (\"\" for none), new version, record (\"\" for none), its lifetime in milliseconds (\"\" for ever).
///
/// A record that has the new version already was written by this very question, whose answer was lost: nobody else knows that
/// name. The version is written once more, so that who waits for replicas after it waits for this write.
pub(super) const REPLACE: &str = "
local version = redis.call('HGET', KEYS[1], 'version') or ''
if version == ARGV[2] then
  redis.call('HSET', KEYS[1], 'version', version)
  return 1
end
if version ~= ARGV[1] then return 0 end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[2])
  redis.call('HSET', KEYS[1], 'record', ARGV[3])
  if ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
end
return 1";

/// The key that is found, for how long in milliseconds, how many are dropped at most, of those that are over and of those above the most,
/// and that. It is never found for a shorter time than was said before: of two who write a record at once, one does not, and it must not be the
/// one whose time counts.
///
/// Redis before 5 must be told that a script which asks for the time may write.
pub(super) const INDEX: &str = "
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = now + tonumber(ARGV[2])
local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not known or tonumber(known) < over then
  redis.call('ZADD', KEYS[2], string.format('%.0f', over), ARGV[1])
end
redis.call('ZADD', KEYS[1], 0, ARGV[1])
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[3])
for _, name in ipairs(gone) do
  redis.call('ZREM', KEYS[1], name)
  redis.call('ZREM', KEYS[2], name)
end
local more = math.min(redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[4]), tonumber(ARGV[3]))
if more > 0 then
  for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, more - 1)) do
    if name ~= ARGV[1] then
      redis.call('ZREM', KEYS[1], name)
      redis.call('ZREM', KEYS[2], name)
    end
  end
end
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', last))
return 1";

/// Where the page begins, and how many keys it has at most. Returns them, a line each.
pub(super) const FIND: &str = "
return table.concat(redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2]), '\\n')";

/// The list of a former version, a line each.
pub(super) const LISTED: &str = "
return table.concat(redis.call('LRANGE', KEYS[1], 0, -1), '\\n')";

/// The lease's name, which is the new version's too, and its time in milliseconds. One that has this name already was taken by
/// this very question, whose answer was lost.
pub(super) const LEASE: &str = "
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  return 1
end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'version', ARGV[1]) end
return 1";

/// The lease's name.
pub(super) const RELEASE: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";
