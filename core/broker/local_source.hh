// local_source.hh -- a herd of one: the spool itself is the broker.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "broker/source.hh"
#include "broker/spool.hh"
#include "loop/lifeline.hh"

namespace sheepdog {

/// The one reader of SPOOL, which must outlive it.
class LocalSource final : public Source {
 public:
  explicit LocalSource(Spool& spool);
  ~LocalSource() override;

  void next(std::size_t max, std::function<void(Result<Batch>)> answer) override;
  void acknowledge(std::vector<EntryKey> keys, std::function<void(Result<>)> done) override;
  void rewind() override { last_ = 0; }
  bool was_drained() override;
  std::string name() const override { return "spool " + spool_.id(); }

 private:
  void take();

  Spool& spool_;
  std::int64_t last_ = 0;  ///< the key that was handed out last
  std::size_t max_ = 0;
  bool taking_ = false;
  bool drained_ = false;  ///< the spool was found empty
  bool arrived_ = false;  ///< something came while the spool was being read
  std::function<void(Result<Batch>)> waiting_;
  std::vector<std::int64_t> unreleased_;  ///< acknowledged, but could not be deleted yet
  Lifeline lifeline_;
};

}  // namespace sheepdog
