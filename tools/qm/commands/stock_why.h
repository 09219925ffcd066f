// stock why: explains a number by the ledger.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WHY_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WHY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli;

void AddStockWhyCommand(Cli& cli, Subcommand group);

// Walks a ledger backwards and tells which reservations make up the promised units, looking no
// further back than it must: it stops once they add up.
class PromiseExplainer {
 public:
  // `promised` = reserved + allocated - flexible of the key now.
  explicit PromiseExplainer(int64_t promised) : promised_(promised) {}

  // Newest first.
  void Add(const stock::v1::Movement& movement);
  // Whether the reservations found add up to what is promised.
  bool complete() const { return explained_ == promised_; }
  // Open units by reservation, of those whose whole story has been seen.
  std::map<std::string, int64_t> Open() const;

 private:
  const int64_t promised_;
  int64_t explained_ = 0;
  std::map<std::string, int64_t> net_;
  std::set<std::string> whole_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_STOCK_WHY_H_
