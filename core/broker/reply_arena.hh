// reply_arena.hh -- the memory of one reply of Redis.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <hiredis/hiredis.h>

#include <memory>
#include <memory_resource>

namespace sheepdog {

/// A reader of replies whose replies live in one piece of memory and go together: a read of the
/// stream has five parts for each of its entries, which by hiredis itself are ten allocations.
class ReplyArena {
 public:
  ReplyArena();
  ReplyArena(const ReplyArena&) = delete;
  ReplyArena& operator=(const ReplyArena&) = delete;

  /// Its replies are not to be freed.
  redisReader* reader() { return reader_.get(); }

  /// Lets the reply go that the reader gave; before it is asked for another.
  void release() { memory_.release(); }

 private:
  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  std::pmr::monotonic_buffer_resource memory_{4096};
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace sheepdog
