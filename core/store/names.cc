// names.cc -- numbers for the names of hosts, services and keys.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/names.hh"

#include "sqlite/statement.hh"

namespace sheepdog {

namespace {
constexpr std::size_t remembered_limit = 100'000;  // services, and as many keys
}

Result<Host*> Names::find_host(std::string_view name) {
  if (const auto found = hosts_.find(name); found != hosts_.end()) return &found->second;
  auto select = db_.prepare("SELECT host_id, skew FROM host WHERE name = ?");
  if (!select) return select.error();
  auto row = select->with(name).step();
  if (!row) return row.error();
  if (!*row) return nullptr;
  Host host;
  host.id = select->integer(0);
  host.skew = select->integer(1);
  return &hosts_.emplace(name, std::move(host)).first->second;
}

Result<Host*> Names::host(std::string_view name) {
  auto found = find_host(name);
  if (!found || *found != nullptr) return found;
  auto insert = db_.prepare("INSERT INTO host(name) VALUES(?)");
  if (!insert) return insert.error();
  auto done = insert->run(name);
  if (!done) return done.error();
  Host host;
  host.id = db_.last_rowid();
  return &hosts_.emplace(name, std::move(host)).first->second;
}

Result<Service*> Names::find_service(Host& host, std::string_view name) {
  if (const auto found = host.services.find(name); found != host.services.end())
    return &found->second;
  auto select =
      db_.prepare("SELECT service_id, owner, plugin FROM service WHERE host_id = ? AND name = ?");
  if (!select) return select.error();
  auto row = select->with(host.id, name).step();
  if (!row) return row.error();
  if (!*row) return nullptr;
  Service service;
  service.id = select->integer(0);
  if (!select->is_null(1)) service.owner = static_cast<std::uint32_t>(select->integer(1));
  service.plugin = select->text(2);
  ++service_count_;
  return &host.services.emplace(name, std::move(service)).first->second;
}

Result<Service*> Names::find_service(std::string_view host, std::string_view name) {
  auto found = find_host(host);
  if (!found) return found.error();
  if (*found == nullptr) return nullptr;
  return find_service(**found, name);
}

Result<Service*> Names::service(Host& host, std::string_view name, std::string_view plugin,
                                std::optional<std::uint32_t> owner) {
  auto found = find_service(host, name);
  if (!found || *found != nullptr) return found;
  auto insert = db_.prepare("INSERT INTO service(host_id, name, plugin, owner) VALUES(?, ?, ?, ?)");
  if (!insert) return insert.error();
  auto done = insert->run(host.id, name, plugin, owner);
  if (!done) return done.error();
  Service service;
  service.id = db_.last_rowid();
  service.owner = owner;
  service.plugin = plugin;
  service.tail_known = true;
  ++service_count_;
  return &host.services.emplace(name, std::move(service)).first->second;
}

Result<std::int64_t> Names::key(std::string_view name) {
  if (const auto found = keys_.find(name); found != keys_.end()) return found->second;
  auto select = db_.prepare("SELECT key_id FROM key WHERE name = ?");
  if (!select) return select.error();
  auto row = select->with(name).step();
  if (!row) return row.error();
  std::int64_t id = 0;
  if (*row) {
    id = select->integer(0);
  } else {
    auto insert = db_.prepare("INSERT INTO key(name) VALUES(?)");
    if (!insert) return insert.error();
    auto done = insert->run(name);
    if (!done) return done.error();
    id = db_.last_rowid();
  }
  keys_.emplace(name, id);
  return id;
}

Result<> Names::set_skew(Host& host, Micros skew) {
  auto update = db_.prepare("UPDATE host SET skew = ? WHERE host_id = ?");
  if (!update) return update.error();
  host.skew = skew;
  return update->run(skew, host.id);
}

Result<> Names::set_plugin(Service& service, std::string_view plugin) {
  auto update = db_.prepare("UPDATE service SET plugin = ? WHERE service_id = ?");
  if (!update) return update.error();
  service.plugin = plugin;
  return update->run(plugin, service.id);
}

void Names::forget() {
  hosts_.clear();
  keys_.clear();
  service_count_ = 0;
}

void Names::trim() {
  if (service_count_ > remembered_limit || hosts_.size() > remembered_limit) {
    hosts_.clear();
    service_count_ = 0;
  }
  if (keys_.size() > remembered_limit) keys_.clear();
}

}  // namespace sheepdog
