// AddressBook: where the tools reach each service. One process has all of them at one address;
// several processes have one each:
//
//   127.0.0.1:7400                                   everything there
//   /run/quartermaster/socket                        the same, on a Unix socket
//   stock=host-a:7400,orders=unix:/run/o,host-b:7400  stock and orders there, all others at host-b
#ifndef QUARTERMASTER_TOOLS_CLIENT_ADDRESS_BOOK_H_
#define QUARTERMASTER_TOOLS_CLIENT_ADDRESS_BOOK_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quartermaster::tools {

class AddressBook {
 public:
  // Entries with commas between them: SERVICE=ADDRESS (catalog, log, orders, routing, stock), or an
  // ADDRESS for the services that are not named. An address is HOST:PORT, unix:PATH, or the
  // absolute path of a Unix socket. Errors: kInvalidArgument, for an unknown or a repeated service,
  // an empty address, and a service that has none; the message says which.
  static absl::StatusOr<AddressBook> Parse(std::string_view text);

  // What gRPC takes, for a service by its full name ("quartermaster.stock.v1.StockService").
  // CHECKs that it is one of ours.
  const std::string& Of(std::string_view service_full_name) const;

  // All services are at one address.
  bool IsOneServer() const;

 private:
  std::map<std::string, std::string, std::less<>> by_service_;
};

}  // namespace quartermaster::tools

#endif  // QUARTERMASTER_TOOLS_CLIENT_ADDRESS_BOOK_H_
