// The checker: compares the server with what the clients wrote down, and with nothing else.
#ifndef QUARTERMASTER_TOOLS_RETAIL_CHECKER_H_
#define QUARTERMASTER_TOOLS_RETAIL_CHECKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/retail/client.h"
#include "tools/retail/shop.h"

namespace quartermaster::retail {

struct Verdict {
  // Units that customers have or were promised beyond what was received and came back: per item at
  // any moment of the replay, and per item and place at its end.
  int64_t oversold = 0;
  // Orders, sales, holds and returns that were acknowledged and that the server no longer knows, or
  // knows differently.
  int64_t lost = 0;
  // Units reserved or allocated that no live hold and no open order explains, or that lack; refused
  // orders that exist all the same.
  int64_t stranded = 0;
  // Item-place pairs whose stock is not what the clients' records add up to.
  int64_t keys_differing = 0;
  // Minor units that orders differ by from what their shares must be.
  int64_t money_differing = 0;
  // What was looked at.
  int64_t orders_checked = 0;
  int64_t holds_checked = 0;
  int64_t returns_checked = 0;
  int64_t keys_checked = 0;
  int64_t open_orders = 0;
  // The first differences, in words.
  std::vector<std::string> findings;
};

// After the replay: waits until abandoned holds have expired and the server has settled, at most
// `settled_within`, then reads everything back, from `threads` clients at once.
Verdict Check(Shop* shop, const tools::AddressBook& addresses, int threads,
              Micros settled_within = Seconds(60));

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_CHECKER_H_
