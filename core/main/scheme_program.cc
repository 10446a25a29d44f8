// scheme_program.cc -- a program whose work is a Scheme module.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "main/scheme_program.hh"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/log.hh"
#include "binding/convert.hh"
#include "binding/core.hh"
#include "binding/guile.hh"

namespace sheepdog {

namespace {

using binding::to_scm;

constexpr int exit_usage = 2;

struct Start {
  const cli::Parsed& parsed;
  const char* module;
  int status = 1;
};

/// PREFIX where this program is PREFIX/bin/x or PREFIX/libexec/sheepdog/x.
std::filesystem::path prefix() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto directory = self.parent_path();
  return directory.filename() == "bin" ? directory.parent_path()
                                       : directory.parent_path().parent_path();
}

SCM value_to_scm(const cli::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return scm_from_bool(*flag);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return scm_from_int64(*integer);
  if (const auto* real = std::get_if<double>(&value)) return scm_from_double(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return to_scm(std::string_view(*text));
  SCM list = SCM_EOL;
  const auto& texts = std::get<std::vector<std::string>>(value);
  for (auto it = texts.rbegin(); it != texts.rend(); ++it)
    list = scm_cons(to_scm(std::string_view(*it)), list);
  return list;
}

SCM options_to_scm(const cli::Parsed& parsed) {
  SCM alist = SCM_EOL;
  for (auto it = parsed.options.rbegin(); it != parsed.options.rend(); ++it)
    alist = scm_acons(scm_from_utf8_symbol(it->first.c_str()), value_to_scm(it->second), alist);
  alist = scm_acons(scm_from_utf8_symbol("command"), to_scm(std::string_view(parsed.command)),
                    alist);
  return scm_acons(scm_from_utf8_symbol("version"), to_scm(cli::version()), alist);
}

/// In Guile mode: (MODULE-NAME) -> its procedure main, or raises.
SCM main_of(SCM module) {
  const SCM variable =
      scm_module_variable(scm_resolve_module(module), scm_from_utf8_symbol("main"));
  if (scm_is_false(variable) || scm_is_false(scm_procedure_p(scm_variable_ref(variable))))
    scm_misc_error(nullptr, "the module ~a has no procedure main; is Sheepdog installed whole?",
                   scm_list_1(module));
  return scm_variable_ref(variable);
}

void add_to_path(const char* variable, const std::filesystem::path& directory) {
  const SCM path = scm_c_lookup(variable);
  scm_variable_set_x(path, scm_cons(to_scm(std::string_view(directory.native())),
                                    scm_variable_ref(path)));
}

void* run(void* data) {
  auto* start = static_cast<Start*>(data);
  const auto root = prefix();
  add_to_path("%load-path", root / "share/guile/site/3.0");
  add_to_path("%load-compiled-path", root / "lib/guile/3.0/site-ccache");
  binding::define_primitives();
  SCM name = SCM_EOL;
  for (std::string_view rest = start->module; !rest.empty();) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    name = scm_cons(scm_string_to_symbol(to_scm(word)), name);
  }
  const SCM finder = scm_c_make_gsubr("main-of", 1, 0, 0, reinterpret_cast<scm_t_subr>(main_of));
  const auto main = binding::call(finder, {scm_reverse(name)});
  if (!main) {
    log::error("{}", main.error().message);
    start->status = exit_usage;
  } else {
    const auto result = binding::call(main->get(), {options_to_scm(start->parsed)});
    if (binding::exit_request().asked) start->status = binding::exit_request().status;
    else if (!result) log::error("{}", result.error().message);
    else start->status = scm_is_signed_integer(result->get(), 0, 255) ? scm_to_int(result->get()) : 0;
  }
  binding::close_primitives();
  return nullptr;
}

}  // namespace

int run_scheme_program(const cli::Parsed& parsed, const char* module) {
  // Where the system lends us more rights than our caller has (set-user-id, file capabilities), the
  // caller's environment must not decide which code uses them; otherwise it is as good as ours.
  for (const char* name : {"GUILE_LOAD_PATH", "GUILE_LOAD_COMPILED_PATH"})
    if (secure_getenv(name) == nullptr) ::unsetenv(name);
  ::setenv("GUILE_AUTO_COMPILE", "0", 1);
  std::signal(SIGPIPE, SIG_IGN);
  Start start{parsed, module};
  scm_with_guile(run, &start);
  return start.status;
}

}  // namespace sheepdog
