#include "tools/bench/request_maker.h"

#include <atomic>
#include <chrono>

#include "absl/strings/str_cat.h"

namespace quartermaster::bench {
namespace {

std::atomic<uint64_t> next_request{1};

}  // namespace

RequestMaker::RequestMaker(const RequestShape& shape, uint32_t seed)
    : shape_(shape),
      random_(seed),
      run_(absl::StrCat(std::chrono::system_clock::now().time_since_epoch().count() / 1'000, "-")) {
}

bool RequestMaker::Make(stock::v1::ReserveRequest& request) {
  const std::string id = absl::StrCat(run_, next_request.fetch_add(1, std::memory_order_relaxed));
  request.set_request_id(id);
  request.set_owner_id(id);
  const int more = shape_.lines_max - shape_.lines_min;
  const int lines = shape_.lines_min + (more == 0 ? 0 : Draw(more + 1));
  while (request.lines_size() > lines) request.mutable_lines()->RemoveLast();
  for (int i = 0; i < lines; ++i) {
    stock::v1::ReserveLine& line =
        i < request.lines_size() ? *request.mutable_lines(i) : *request.add_lines();
    line.set_sku(absl::StrCat("S", shape_.skus == 1 ? 0 : Draw(shape_.skus)));
    line.set_quantity(1);
    line.set_location_id(Drawn(shape_.remote_percent) ? "L1" : "L0");
  }
  if (!Drawn(shape_.rejected_percent)) return true;
  // A thousand times what Stock puts there.
  request.mutable_lines(lines - 1)->set_location_id("L1");
  request.mutable_lines(lines - 1)->set_quantity(1'000'000'000);
  return false;
}

}  // namespace quartermaster::bench
