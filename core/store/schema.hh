// schema.hh -- the tables of the store and how an older store becomes a newer one.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The tables themselves, with the meaning and unit of each column: schema_1.cc.
#pragma once

#include <string>
#include <vector>

#include "base/random.hh"
#include "base/result.hh"
#include "sqlite/db.hh"

namespace sheepdog {

/// What this program reads and writes.
extern const int schema_version;

/// Brings the store of DB to schema_version, all or nothing; a new one gets a uuid from RANDOM.
/// Error: unsupported, naming both versions and the path, where a newer program has written it.
Result<> migrate(Db& db, Random& random);

/// That DB is a store of schema_version. Error: unsupported, or not_found where it is empty.
Result<> check_schema(Db& db);

/// The uuid of the store, from which its consumer group is named.
Result<std::string> store_uuid(Db& db);

namespace schema {
extern const char* const version_1;
}

}  // namespace sheepdog
