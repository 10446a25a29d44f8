// cli.cc -- parse a command line by its declaration.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/cli.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>

#include "base/duration.hh"
#include "base/json.hh"

namespace sheepdog::cli {

namespace {

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message), {}}; }

constexpr std::size_t quoted_size = 80;  ///< bytes of what was given that a message shows
constexpr std::string_view help_command = "help";

std::string shown(const Option& option) { return fmt::format("--{}", option.name); }

Result<Value> convert(const Option& option, const std::string& text) {
  if (option.value_optional && text.empty()) return Value(text);
  switch (option.kind) {
    case Kind::integer: {
      std::int64_t number = 0;
      const auto* end = text.data() + text.size();
      const auto [stopped, status] = std::from_chars(text.data(), end, number);
      if (status != std::errc{} || stopped != end || number < option.least)
        return wrong(fmt::format("{}: {} is not a whole number from {}",
                                 shown(option), as_given(text), option.least));
      return Value(number);
    }
    case Kind::duration: {
      const auto duration = parse_duration(text);
      if (!duration)
        return wrong(fmt::format("{}: {} is {}", shown(option), as_given(text),
                                 duration.error().message));
      return Value(static_cast<double>(*duration) / micros_per_second);
    }
    case Kind::choice: {
      if (std::find(option.choices.begin(), option.choices.end(), text) == option.choices.end())
        return wrong(fmt::format("{}: {} is none of {}", shown(option), as_given(text),
                                 fmt::join(option.choices, ", ")));
      return Value(text);
    }
    default: return Value(text);
  }
}

bool is_command(const Program& program, std::string_view word) {
  return word == help_command ||
         std::any_of(program.commands.begin(), program.commands.end(),
                     [&](const CommandEntry& entry) { return entry.name == word; });
}

Error unknown_command(const Program& program, std::string_view word) {
  std::vector<std::string> names{std::string(help_command)};
  for (const auto& entry : program.commands) names.emplace_back(entry.name);
  return wrong(fmt::format("{}: unknown command {}{}; see {} --help", program.name, as_given(word),
                           suggestion(word, names), program.name));
}

/// `help` and `help COMMAND` print what --help does.
Result<Parsed> read_help(const Program& program, std::span<const std::string> words) {
  if (words.size() > 1)
    return wrong(fmt::format("{0}: unexpected argument {1}; usage: {0} {2} [COMMAND]",
                             program.name, as_given(words[1]), help_command));
  if (!words.empty() && words[0] != help_command && !words[0].starts_with('-')) {
    for (const auto& entry : program.commands)
      if (entry.name == words[0])
        return Parsed{std::string(help_command), {}, help(program, entry.declare())};
    return unknown_command(program, words[0]);
  }
  return Parsed{std::string(help_command), {}, help(program)};
}

/// Whether WORD is the name of something, rather than Scheme.
bool is_name(std::string_view word) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !word.empty() && letter(word[0]) && std::all_of(word.begin(), word.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

/// Reads the arguments of one command, left to right.
class Reader {
 public:
  /// BARE where an option stood in the place of the command.
  Reader(const Program& program, const Command& command, std::span<const std::string> arguments,
         bool bare = false)
      : program_(program), command_(command), arguments_(arguments), bare_(bare) {}

  Result<Parsed> read();

 private:
  std::string where() const {
    return program_.has_subcommands() ? fmt::format("{} {}", program_.name, command_.name)
                                      : std::string(program_.name);
  }
  const Option* find(std::string_view name, char letter) const;
  Result<> take_long(std::string_view word);
  Result<> take_letters(std::string_view word);
  Result<> store(const Option& option, std::optional<std::string> value);
  Result<> take_foreign(std::string_view name, std::optional<std::string> value);
  Result<> take_word(const std::string& word);
  Result<> check_words() const;
  Result<> check_exclusive() const;
  bool next_starts_command() const;
  bool knows_foreign_options() const {
    return !command_.foreign_options.empty() && !words_.empty() && is_name(words_[0]);
  }

  const Program& program_;
  const Command& command_;
  std::span<const std::string> arguments_;
  bool bare_;
  std::size_t at_ = 0;
  std::map<std::string_view, Value> given_;
  std::vector<std::string> words_;
  std::vector<std::string> foreign_;
  std::string print_;
};

const Option* Reader::find(std::string_view name, char letter) const {
  for (const auto* options : {&command_.options, &common_options()})
    for (const auto& option : *options)
      if (letter ? option.letter == letter : option.name == name) return &option;
  return nullptr;
}

Result<> Reader::store(const Option& option, std::optional<std::string> value) {
  if (option.name == "help") print_ = help(program_, command_);
  if (option.name == "version") print_ = fmt::format("{} {}\n", program_.name, version());
  if (option.kind == Kind::flag) {
    if (value)
      return wrong(fmt::format("{}: {} takes no value", where(), shown(option)));
    given_.insert_or_assign(option.name, true);
    return {};
  }
  if (!value && option.value_optional) value = "";
  if (!value) {
    if (at_ >= arguments_.size())
      return wrong(
          fmt::format("{}: {} needs a value: {}", where(), shown(option), spelled(option)));
    value = arguments_[at_++];
  }
  if (option.kind == Kind::texts || option.kind == Kind::files) {
    auto& texts = given_.try_emplace(option.name, std::vector<std::string>()).first->second;
    std::get<std::vector<std::string>>(texts).push_back(std::move(*value));
    return {};
  }
  auto converted = convert(option, *value);
  if (!converted) return wrong(fmt::format("{}: {}", where(), converted.error().message));
  given_.insert_or_assign(option.name, std::move(*converted));
  return {};
}

Result<> Reader::take_long(std::string_view word) {
  const auto equals = word.find('=');
  const auto name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
  const auto* option = find(name, 0);
  const auto value =
      equals == word.npos ? std::nullopt : std::optional<std::string>(word.substr(equals + 1));
  if (knows_foreign_options() && (!option || name == "help" || name == "version"))
    return take_foreign(name, value);
  if (!option) {
    std::vector<std::string> names;
    for (const auto* options : {&command_.options, &common_options()})
      for (const auto& o : *options) names.push_back(fmt::format("--{}", o.name));
    const auto unknown = fmt::format("--{}", name);
    return wrong(fmt::format("{}: unknown option {}{}; see {} --help", where(), unknown,
                             suggestion(unknown, names), where()));
  }
  return store(*option, value);
}

Result<> Reader::take_foreign(std::string_view name, std::optional<std::string> value) {
  if (name == "help") {
    foreign_.emplace_back(name);
    return {};
  }
  if (!value && at_ >= arguments_.size())
    return wrong(fmt::format("{}: --{} needs a value", where(), name));
  foreign_.push_back(fmt::format("{}={}", name, value ? *value : arguments_[at_++]));
  return {};
}

Result<> Reader::take_letters(std::string_view word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto* option = find({}, word[i]);
    if (option && option->name == "help" && knows_foreign_options())
      return take_foreign(option->name, std::nullopt);
    if (!option)
      return wrong(fmt::format("{}: unknown option -{}; see {} --help", where(), word[i], where()));
    std::optional<std::string> value;
    if (option->kind != Kind::flag && i + 1 < word.size()) value = word.substr(i + 1);
    if (auto stored = store(*option, value); !stored || value) return stored;
  }
  return {};
}

Result<> Reader::take_word(const std::string& word) {
  words_.push_back(word);
  const auto& positionals = command_.positionals;
  if (!positionals.empty() && (positionals.back().repeated || positionals.back().command)) return {};
  if (words_.size() <= positionals.size()) return {};
  return wrong(fmt::format("{}: unexpected argument {}; usage: {}", where(), as_given(word),
                           usage(program_, command_)));
}

bool Reader::next_starts_command() const {
  return words_.size() + 1 == command_.positionals.size() && command_.positionals.back().command;
}

Result<> Reader::check_words() const {
  for (std::size_t i = words_.size(); i < command_.positionals.size(); ++i)
    if (command_.positionals[i].required)
      return wrong(fmt::format("{}: {} is missing; usage: {}", where(),
                               command_.positionals[i].value, usage(program_, command_)));
  return {};
}

Result<> Reader::check_exclusive() const {
  const auto is_given = [this](std::string_view name) {
    for (std::size_t i = 0; i < words_.size() && i < command_.positionals.size(); ++i)
      if (command_.positionals[i].name == name) return true;
    return given_.contains(name);
  };
  const auto spelling = [this](std::string_view name) {
    for (const auto& p : command_.positionals)
      if (p.name == name) return std::string(p.value);
    return fmt::format("--{}", name);
  };
  for (const auto& exclusive : command_.exclusive) {
    std::vector<std::string> given;
    for (const auto name : exclusive.names)
      if (is_given(name)) given.push_back(spelling(name));
    if (given.size() > 1)
      return wrong(fmt::format("{}: {} {}", where(), fmt::join(given, " and "),
                               exclusive.why.empty()
                                   ? "contradict each other; give one of them"
                                   : fmt::format("do not go together: {}", exclusive.why)));
  }
  return {};
}

Result<Parsed> Reader::read() {
  bool options_over = false;
  while (at_ < arguments_.size()) {
    const auto& word = arguments_[at_++];
    Result<> taken;
    if (!options_over && word == "--") {
      options_over = true;
    } else if (!options_over && word.starts_with("--")) {
      taken = take_long(word);
    } else if (!options_over && word.size() > 1 && word[0] == '-') {
      taken = take_letters(word);
    } else {
      if (bare_ && !options_over && words_.empty() && is_command(program_, word))
        return wrong(fmt::format(
            "{0}: {1} is a command and comes before its options: {0} {1} [OPTION...]; to run a "
            "program of that name, write {0} {2} [OPTION...] -- {1}",
            program_.name, word, program_.bare));
      options_over = options_over || next_starts_command();
      taken = take_word(word);
    }
    if (!print_.empty()) return Parsed{std::string(command_.name), {}, print_};
    if (!taken) return taken.error();
  }
  if (auto complete = check_words(); !complete) return complete.error();
  if (auto agreed = check_exclusive(); !agreed) return agreed.error();

  Parsed parsed{std::string(command_.name), {}, {}};
  for (const auto& option : command_.options)
    if (const auto found = given_.find(option.name); found != given_.end())
      parsed.options.emplace_back(option.name, std::move(found->second));
  for (std::size_t i = 0; i < command_.positionals.size() && i < words_.size(); ++i) {
    const auto& p = command_.positionals[i];
    const auto from = words_.begin() + static_cast<std::ptrdiff_t>(i);
    if (p.repeated || p.command)
      parsed.options.emplace_back(p.name, std::vector<std::string>(from, words_.end()));
    else
      parsed.options.emplace_back(p.name, *from);
  }
  if (!foreign_.empty())
    parsed.options.emplace_back(command_.foreign_options, std::move(foreign_));
  return parsed;
}

}  // namespace

std::string_view version() { return SHEEPDOG_VERSION; }

Result<Parsed> parse(const Program& program, std::span<const std::string> arguments) {
  if (!program.has_subcommands()) {
    const auto command = program.commands[0].declare();
    return Reader(program, command, arguments).read();
  }
  const auto first = arguments.empty() ? std::string("--help") : arguments[0];
  if (first == help_command) return read_help(program, arguments.subspan(1));
  if (first == "--help" || first == "-h") return read_help(program, {});
  if (first == "--version")
    return Parsed{"version", {}, fmt::format("{} {}\n", program.name, version())};
  const bool bare = first.starts_with('-') && !program.bare.empty();
  for (const auto& entry : program.commands) {
    if (entry.name != (bare ? program.bare : std::string_view(first))) continue;
    const auto command = entry.declare();
    return Reader(program, command, bare ? arguments : arguments.subspan(1), bare).read();
  }
  return unknown_command(program, first);
}

Parsed parse_or_exit(const Program& program, int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  auto parsed = parse(program, arguments);
  if (!parsed) {
    fmt::print(stderr, "{}\n", parsed.error().text());
    std::exit(2);
  }
  if (!parsed->print.empty()) {
    std::fwrite(parsed->print.data(), 1, parsed->print.size(), stdout);
    std::exit(std::fflush(stdout) == 0 ? 0 : 1);
  }
  return std::move(*parsed);
}

const Value* Parsed::find(std::string_view name) const {
  for (const auto& [n, value] : options)
    if (n == name) return &value;
  return nullptr;
}

std::string Parsed::text(std::string_view name, std::string fallback) const {
  const auto* value = find(name);
  return value ? std::get<std::string>(*value) : std::move(fallback);
}

std::int64_t Parsed::integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = find(name);
  return value ? std::get<std::int64_t>(*value) : fallback;
}

double Parsed::seconds(std::string_view name, double fallback) const {
  const auto* value = find(name);
  return value ? std::get<double>(*value) : fallback;
}

std::vector<std::string> Parsed::texts(std::string_view name) const {
  const auto* value = find(name);
  return value ? std::get<std::vector<std::string>>(*value) : std::vector<std::string>();
}

std::string as_given(std::string_view text) {
  if (text.size() <= quoted_size) return to_json_text(text);
  auto end = quoted_size;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return to_json_text(fmt::format("{}...", text.substr(0, end)));
}

std::string suggestion(std::string_view word, std::span<const std::string> names) {
  // Optimal string alignment: insertions, deletions, replacements, swaps of neighbours.
  const auto distance = [&](std::string_view other) {
    std::vector<std::vector<std::size_t>> d(word.size() + 1,
                                            std::vector<std::size_t>(other.size() + 1));
    for (std::size_t i = 0; i <= word.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= other.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i)
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const bool same = word[i - 1] == other[j - 1];
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
        if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    return d[word.size()][other.size()];
  };
  if (word.size() > 64) return {};
  const std::string* best = nullptr;
  auto least = std::numeric_limits<std::size_t>::max();
  for (const auto& name : names) {
    const auto found = distance(name);
    if (found < least) best = &name, least = found;
  }
  if (!best || least > std::max<std::size_t>(1, std::min<std::size_t>(3, best->size() / 3)))
    return {};
  return fmt::format(" (did you mean \"{}\"?)", *best);
}

}  // namespace sheepdog::cli
