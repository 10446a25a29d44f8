// reply_arena.cc -- the memory of one reply of Redis.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "broker/reply_arena.hh"

#include <cstring>
#include <new>

namespace sheepdog {

namespace {

/// Null where there is no memory, for which hiredis breaks off; nothing is thrown through it.
void* allocate(const redisReadTask* task, std::size_t size, std::size_t alignment) noexcept {
  try {
    return static_cast<std::pmr::memory_resource*>(task->privdata)->allocate(size, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

/// An empty reply in its place in the one that it is part of.
redisReply* make_reply(const redisReadTask* task) {
  void* place = allocate(task, sizeof(redisReply), alignof(redisReply));
  if (place == nullptr) return nullptr;
  auto* reply = new (place) redisReply{};
  reply->type = task->type;
  if (task->parent != nullptr)
    static_cast<redisReply*>(task->parent->obj)->element[task->idx] = reply;
  return reply;
}

void* make_string(const redisReadTask* task, char* text, std::size_t length) {
  auto* copy = static_cast<char*>(allocate(task, length + 1, 1));
  auto* reply = copy == nullptr ? nullptr : make_reply(task);
  if (reply == nullptr) return nullptr;
  std::memcpy(copy, text, length);
  copy[length] = '\0';
  reply->str = copy;
  reply->len = length;
  return reply;
}

void* make_array(const redisReadTask* task, std::size_t elements) {
  // Filled before anybody sees it.
  void* place = allocate(task, elements * sizeof(redisReply*), alignof(redisReply*));
  auto* reply = place == nullptr ? nullptr : make_reply(task);
  if (reply == nullptr) return nullptr;
  reply->elements = elements;
  reply->element = static_cast<redisReply**>(place);
  return reply;
}

void* make_integer(const redisReadTask* task, long long value) {
  auto* reply = make_reply(task);
  if (reply != nullptr) reply->integer = value;
  return reply;
}

void* make_nil(const redisReadTask* task) {
  auto* reply = make_reply(task);
  if (reply != nullptr) reply->type = REDIS_REPLY_NIL;  // the task's is of what might have been
  return reply;
}

/// What a newer hiredis makes of a newer protocol, for which we do not ask, has no memory: it breaks off.
template <class Functions>
void refuse_newer_protocol(Functions& made) {
  if constexpr (requires { made.createDouble; }) {
    made.createDouble = [](const redisReadTask*, double, char*, std::size_t) -> void* { return nullptr; };
    made.createBool = [](const redisReadTask*, int) -> void* { return nullptr; };
  }
}

redisReplyObjectFunctions functions() {
  redisReplyObjectFunctions made{};
  refuse_newer_protocol(made);
  made.createString = make_string;
  // The type of its second parameter depends on the version of hiredis.
  made.createArray = [](const redisReadTask* task, auto elements) -> void* {
    return make_array(task, static_cast<std::size_t>(elements));
  };
  made.createInteger = make_integer;
  made.createNil = make_nil;
  made.freeObject = [](void*) {};
  return made;
}

}  // namespace

ReplyArena::ReplyArena() {
  static redisReplyObjectFunctions made = functions();
  reader_.reset(redisReaderCreateWithFunctions(&made));
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = static_cast<std::pmr::memory_resource*>(&memory_);
}

}  // namespace sheepdog
