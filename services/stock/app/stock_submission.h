// StockSubmission: a stock command on its way through the sequencer, and its typed result.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_STOCK_SUBMISSION_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_STOCK_SUBMISSION_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/engine/submission.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/once_keys.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

class StockSubmission : public engine::Submission {
 public:
  // One command; or facts, each decided on its own, the result having one entry for each.
  Command command;
  std::vector<AdjustStock> facts;
  // Set if the durable inventory did not know a name of the command: looks the names up once more,
  // in what the writer knows, so that a name whose registration was queued before is found.
  std::function<void(const Inventory&)> resolve_again;
  // What the archive has of its keys (OnceKeysOf), and up to which position of the log the archive
  // was when it was asked; 0: it was not.
  OnceKeys::Recalled recalled;
  storage::Position recalled_up_to = 0;
  // Set when Done runs with kDecided or kRecalled.
  Result result;
};

// What of its command, or of its facts, must not happen twice (AppendOnceKeys).
inline std::vector<std::string> OnceKeysOf(const StockSubmission& submission) {
  std::vector<std::string> keys;
  if (submission.facts.empty()) AppendOnceKeys(submission.command, keys);
  for (const AdjustStock& fact : submission.facts) AppendOnceKeys(fact, keys);
  return keys;
}

// Calls a function when it is done, and deletes itself. For commands without a handler of their
// own.
class CallbackSubmission final : public StockSubmission {
 public:
  using Callback = std::function<void(CallbackSubmission&, engine::Fate, storage::Position)>;
  explicit CallbackSubmission(Callback done) : done_(std::move(done)) {}
  void Done(engine::Fate fate, storage::Position position) override {
    const std::unique_ptr<CallbackSubmission> self(this);
    if (done_) done_(*this, fate, position);
  }

 private:
  const Callback done_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_STOCK_SUBMISSION_H_
