// kept_rows.cc -- rows that were read ahead, in little memory.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A row is written as its values, one after another: a byte for the type, then eight bytes of a
// number, or the length of a text in eight bytes and the text. No row is in two chunks.
#include "store/kept_rows.hh"

#include <algorithm>
#include <cstring>

namespace sheepdog {

namespace {

constexpr std::size_t chunk_size = 64 * 1024;

bool has_bytes(ValueView::Type type) {
  return type == ValueView::Type::text || type == ValueView::Type::blob;
}

std::size_t size_of(const ValueView& value) {
  if (value.type == ValueView::Type::null) return 1;
  return 9 + (has_bytes(value.type) ? value.bytes.size() : 0);
}

template <typename T>
void put(char*& at, const T& value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

template <typename T>
T take(const char*& from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  from += sizeof value;
  return value;
}

}  // namespace

void KeptRows::push(RowView row) {
  std::size_t size = 0;
  for (const auto& value : row) size += size_of(value);
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < size) {
    chunks_.emplace_back().reserve(std::max(chunk_size, size));
    bytes_ += chunks_.back().capacity();
  }
  auto& chunk = chunks_.back();
  chunk.resize(chunk.size() + size);
  char* at = chunk.data() + chunk.size() - size;
  for (const auto& value : row) {
    put(at, value.type);
    if (value.type == ValueView::Type::null) continue;
    if (value.type == ValueView::Type::integer) put(at, value.integer);
    else if (value.type == ValueView::Type::real) put(at, value.real);
    else {
      put(at, value.bytes.size());
      at = std::copy(value.bytes.begin(), value.bytes.end(), at);
    }
  }
}

void KeptRows::clear() {
  while (chunks_.size() > 1) chunks_.pop_back();
  if (!chunks_.empty() && chunks_.front().capacity() > chunk_size) chunks_.pop_back();
  if (!chunks_.empty()) chunks_.front().clear();
  position_ = 0;
  bytes_ = chunks_.empty() ? 0 : chunks_.front().capacity();
}

bool KeptRows::pop(std::vector<ValueView>& row) {
  // The last row's texts are in this chunk; now nobody reads them any more.
  if (!chunks_.empty() && position_ == chunks_.front().size()) {
    bytes_ -= chunks_.front().capacity();
    chunks_.pop_front();
    position_ = 0;
  }
  if (chunks_.empty()) return false;
  const char* at = chunks_.front().data() + position_;
  for (auto& value : row) {
    value = {};
    value.type = take<ValueView::Type>(at);
    if (value.type == ValueView::Type::null) continue;
    if (value.type == ValueView::Type::integer) value.integer = take<std::int64_t>(at);
    else if (value.type == ValueView::Type::real) value.real = take<double>(at);
    else {
      const auto length = take<std::size_t>(at);
      value.bytes = {at, length};
      at += length;
    }
  }
  position_ = static_cast<std::size_t>(at - chunks_.front().data());
  return true;
}

}  // namespace sheepdog
