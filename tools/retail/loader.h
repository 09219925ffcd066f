// Loads the network, the items, the pools and the first stock, as a retailer would.
#ifndef QUARTERMASTER_TOOLS_RETAIL_LOADER_H_
#define QUARTERMASTER_TOOLS_RETAIL_LOADER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/retail/client.h"
#include "tools/retail/shop.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// Waits up to `timeout` for a server that answers. Errors: Unavailable.
absl::Status AwaitServer(Client* client, Micros timeout);

// FailedPrecondition if the server knows locations already: the checker's sums begin at nothing.
absl::Status RequireEmpty(Client* client);

// Puts locations and items, and pauses what is paused. Entries that the server refuses are errors.
absl::Status LoadCatalog(const Shop& shop, Client* client);

// Sets the pools: `web` is every online place, `warehouses` every warehouse.
absl::Status SetPools(const Shop& shop, Client* client);

// Receives all supply, from `threads` clients at once, and notes it.
absl::Status ReceiveStock(Shop* shop, const tools::AddressBook& addresses,
                          const std::vector<Supply>& supplies, int threads);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_LOADER_H_
