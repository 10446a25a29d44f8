// async_answer.cc -- how a primitive that cannot answer at once answers later.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "binding/async_answer.hh"

#include <map>

namespace sheepdog::binding {

namespace {

std::map<std::int64_t, Answer> waiting;
std::int64_t last = 0;

}  // namespace

LaterAnswer::LaterAnswer(Answer answer) : id_(++last) { waiting.emplace(id_, std::move(answer)); }

Answer LaterAnswer::take() const { return std::move(waiting.extract(id_).mapped()); }

}  // namespace sheepdog::binding
