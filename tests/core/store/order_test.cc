// order_test.cc -- late, shuffled and doubled input makes the same tables, and the right ones.
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <map>
#include <random>

#include "fixture.hh"

namespace sheepdog {
namespace {

std::string text(const Value& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return "i" + std::to_string(*i);
  if (const auto* d = std::get_if<double>(&value)) return "d" + std::to_string(*d);
  if (const auto* s = std::get_if<std::string>(&value)) return "s" + *s;
  return "-";
}

std::string hex(const Uuid& uuid) {
  std::string out;
  for (const char c : uuid.text())
    if (c != '-') out += static_cast<char>(std::toupper(c));
  return out;
}

/// What the tables should say, computed in the plainest way: replay everything in order, note what
/// holds at each instant, and write down the changes.
std::string naive(std::vector<Received> all) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.report.time, a.report.id) < std::tie(b.report.time, b.report.id);
  });
  using Subject = std::pair<char, std::string>;
  struct Said {
    Micros time;
    std::string value, by;
  };
  std::map<Subject, std::vector<Said>> history;
  const auto say = [&](Subject subject, const Report& r, std::string value) {
    auto& said = history[subject];
    if (!said.empty() && said.back().time == r.time) said.pop_back();
    said.push_back({r.time, std::move(value), hex(r.id)});
  };
  std::map<std::string, std::string> facts;
  for (const auto& [r, assertions, flag] : all) {
    std::map<std::string, std::string> told;
    for (const auto& assertion : assertions) {
      if (const auto* s = std::get_if<assertion::Status>(&assertion))
        say({'s', s->service.value_or(r.service)}, r, std::to_string(static_cast<int>(s->status)));
      if (const auto* f = std::get_if<assertion::Fact>(&assertion))
        told[f->key] = text(std::visit([](auto v) { return Value(v); }, f->value));
      if (const auto* n = std::get_if<assertion::NoFact>(&assertion)) told[n->key] = "-";
      if (const auto* set = std::get_if<assertion::Facts>(&assertion))
        for (const auto& [key, value] : set->facts)
          told[key] = text(std::visit([](auto v) { return Value(v); }, value));
    }
    for (const auto& assertion : assertions) {
      const auto* set = std::get_if<assertion::Facts>(&assertion);
      if (set == nullptr) continue;
      for (const auto& [key, value] : facts)
        if (key.starts_with(set->prefix)) told.try_emplace(key, "-");
    }
    for (const auto& [name, value] : told) {
      const auto& key = name;  // clang 14 captures no structured binding
      const bool in_set =
          std::none_of(assertions.begin(), assertions.end(), [&](const Assertion& a) {
            const auto* f = std::get_if<assertion::Fact>(&a);
            const auto* n = std::get_if<assertion::NoFact>(&a);
            return (f != nullptr && f->key == key) || (n != nullptr && n->key == key);
          });
      auto& known = facts.try_emplace(key, "-").first->second;
      if (in_set && known == value) continue;  // «as before» is no observation of its own
      known = value;
      say({'f', key}, r, value);
    }
  }
  std::string out;
  for (const auto& [subject, said] : history)
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (said[i].value == "-" || (i > 0 && said[i - 1].value == said[i].value)) continue;
      std::size_t end = i + 1;
      while (end < said.size() && said[end].value == said[i].value) ++end;
      out += subject.first + (" " + subject.second) + " " + std::to_string(said[i].time) + " " +
             (end < said.size() ? std::to_string(said[end].time) : "-") + " " + said[i].value +
             " " + said[i].by + "\n";
    }
  return out;
}

class Order : public StoreTest {
 protected:
  std::string lines(const std::string& sql) {
    auto statement = *writer_->db().prepare(sql);
    std::string out;
    while (*statement.step()) {
      for (int i = 0; i < statement.columns(); ++i) out += std::string(statement.text(i)) + " ";
      out.back() = '\n';
    }
    return out;
  }
  /// The intervals, written as naive() does.
  std::string intervals() {
    const std::string value =
        "CASE typeof(value) WHEN 'integer' THEN 'i' || value "
        "WHEN 'real' THEN printf('d%f', value) ELSE 's' || value END";
    return lines("SELECT 'f', k.name, since, coalesce(until, '-'), " + value +
                 ", hex(r.uuid) FROM fact f "
                 "JOIN key k USING(key_id) JOIN report r USING(report_id) ORDER BY 2, 3") +
           lines("SELECT 's', v.name, since, coalesce(until, '-'), t.status, hex(r.uuid) "
                 "FROM state t JOIN service v USING(service_id) JOIN report r USING(report_id) "
                 "ORDER BY 2, 3");
  }
  /// Everything else that is a function of what was observed.
  std::string observations() {
    return lines("SELECT v.name, o.time, hex(r.uuid), coalesce(o.status, '-'), o.elsewhere "
                 "FROM observation o JOIN service v USING(service_id) JOIN report r "
                 "USING(report_id) ORDER BY 1, 2, 3") +
           lines("SELECT k.name, o.time, hex(r.uuid), coalesce(value, '-'), in_set "
                 "FROM fact_observation o JOIN key k USING(key_id) JOIN report r "
                 "USING(report_id) ORDER BY 1, 2, 3") +
           lines("SELECT k.name, o.time, hex(r.uuid) FROM fact_set o JOIN key k "
                 "ON k.key_id = prefix_id JOIN report r USING(report_id) ORDER BY 1, 2, 3");
  }
};

/// The states of the store give these interruptions.
const char* const interruptions_of_states =
    "SELECT s.service_id, s.since, coalesce((SELECT n.since FROM state n "
    "  WHERE n.service_id = s.service_id AND n.since > s.since AND n.status = 0 "
    "  ORDER BY n.since LIMIT 1), '-'), s.report_id FROM state s WHERE s.status <> 0 "
    "AND coalesce((SELECT p.status FROM state p WHERE p.service_id = s.service_id "
    "  AND p.since < s.since ORDER BY p.since DESC LIMIT 1), 0) = 0 ORDER BY 1, 2";
const char* const interruptions =
    "SELECT service_id, since, coalesce(until, '-'), report_id FROM interruption ORDER BY 1, 2";

using Random32 = std::mt19937;
unsigned below(Random32& random, unsigned n) { return static_cast<unsigned>(random() % n); }

FactValue some_value(Random32& random) {
  switch (below(random, 4)) {
    case 0: return std::int64_t{1};
    case 1: return 1.0;
    default: return std::string(1, static_cast<char>('x' + below(random, 2)));
  }
}

Received some_report(Random32& random, unsigned n, unsigned times) {
  static const std::vector<std::string> keys{"o.a", "p.a", "p.b", "p.q.a", "p.q.b"};
  Received r = received(report(n, below(random, times), "s" + std::to_string(below(random, 2))));
  if (below(random, 4) != 0) r.assertions.push_back(is(static_cast<Status>(below(random, 3))));
  if (below(random, 6) == 0)
    r.assertions.push_back(assertion::Status{{}, "s2", static_cast<Status>(below(random, 2)), ""});
  std::map<std::string, std::optional<FactValue>> told;
  for (const auto& key : keys) {
    if (below(random, 5) != 0) continue;
    if (below(random, 4) == 0) {
      r.assertions.push_back(assertion::NoFact{{}, key});
      told[key] = std::nullopt;
    } else {
      told[key] = some_value(random);
      r.assertions.push_back(fact(key, *told[key]));
    }
  }
  for (const auto* prefix : {"p.", "p.q."}) {
    if (below(random, 3) != 0) continue;
    assertion::Facts set{{}, prefix, {}};
    for (const auto& key : keys) {
      if (!key.starts_with(prefix) || below(random, 2) == 0) continue;
      if (!told.contains(key)) told[key] = some_value(random);
      if (told[key]) set.facts.emplace_back(key, *told[key]);
    }
    r.assertions.push_back(std::move(set));
  }
  return r;
}

TEST_F(Order, AnyOrderMakesTheTablesThatAPlainReplayMakes) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Random32 random(seed);
    const unsigned count = 1 + below(random, 30);
    const unsigned times = 1 + below(random, 40);  // few of them: many reports at one instant
    std::vector<Received> all;
    for (unsigned n = 1; n <= count; ++n) all.push_back(some_report(random, n, times));
    const std::string right = naive(all);
    std::string first;
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      path_ = ":memory:";
      open();
      std::shuffle(all.begin(), all.end(), random);
      for (std::size_t i = 0; i < all.size();) {
        std::vector<Received> batch;
        for (auto n = 1 + below(random, 8); n > 0 && i < all.size(); --n) batch.push_back(all[i++]);
        batch.push_back(all[below(random, static_cast<unsigned>(i))]);
        const auto done = commit(batch);
        ASSERT_EQ(done.refused, 0u) << rows("SELECT reason FROM dead_letter");
        ASSERT_EQ(done.doubled, 1u);
      }
      ASSERT_EQ(intervals(), right) << "seed " << seed;
      ASSERT_EQ(lines(interruptions), lines(interruptions_of_states)) << "seed " << seed;
      if (shuffle == 0) first = observations();
      ASSERT_EQ(observations(), first) << "seed " << seed;
    }
  }
}

TEST_F(Order, WhatIsRememberedIsOnlyAShortCut) {
  for (unsigned seed = 500; seed < 504; ++seed) {
    Random32 random(seed);
    std::vector<Received> all;
    for (unsigned n = 1; n <= 20; ++n) all.push_back(some_report(random, n, 12));
    path_ = directory_ + "/" + std::to_string(seed);
    for (const auto& one : all) {
      open();
      commit({one});
    }
    ASSERT_EQ(intervals(), naive(all)) << "seed " << seed;
    ASSERT_EQ(lines(interruptions), lines(interruptions_of_states)) << "seed " << seed;
  }
}

TEST_F(Order, APackageSetOfYesterdayArrivesToday) {
  const auto set = [](std::vector<std::pair<std::string, FactValue>> facts) {
    return Assertion(assertion::Facts{{}, "package.", std::move(facts)});
  };
  const auto a1 = received(report(1, 10), {set({{"package.nginx", "1.22"}})});
  const auto a2 = received(report(2, 20), {set({{"package.nginx", "1.22"}})});
  const auto late = received(report(3, 15), {set({})});
  commit({a1, a2});
  EXPECT_EQ(rows("SELECT since, until, value FROM fact"), "10 - 1.22");
  EXPECT_EQ(rows("SELECT count(*) FROM fact_observation"), "1");
  commit({late});
  EXPECT_EQ(rows("SELECT since, until, value FROM fact"), "10 15 1.22|20 - 1.22");
  EXPECT_EQ(rows("SELECT time, value, in_set FROM fact_observation"),
            "10 1.22 1|15 - 1|20 1.22 1");
}

}  // namespace
}  // namespace sheepdog
