#include "tools/retail/replay.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tools/retail/clock.h"
#include "tools/retail/shopper.h"

namespace quartermaster::retail {
namespace {

constexpr Micros kDiesWithin = Seconds(30);
constexpr Micros kComesBackWithin = Seconds(180);

// Kills the server and measures until it answers again.
void Crash(Shop* shop, const ReplayOptions& options, ReplayResult* result) {
  Calls own;
  Client client(options.addresses, &own, shop->seed());
  const auto answers = [&](bool waits) {
    stock::v1::GetAvailabilityRequest request;
    stock::v1::GetAvailabilityResponse response;
    stock::v1::AvailabilityKey* key = request.add_keys();
    key->set_sku(shop->world().items[0].sku);
    key->set_pool_id(kWebPool);
    return client
        .Once(Seconds(1),
              [&](grpc::ClientContext* context) {
                context->set_wait_for_ready(waits);
                return client.stock()->GetAvailability(context, request, &response);
              })
        .ok();
  };
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); };
  const Instant asked = WallClock();
  options.crash();
  while (answers(false)) {
    if (WallClock() - asked > kDiesWithin) {
      return shop->Unexpected("crash", "the server never stopped answering");
    }
    pause();
  }
  const Instant down = WallClock();
  while (!answers(true)) {
    if (WallClock() - down > kComesBackWithin) {
      return shop->Unexpected("crash", "the server never answered again");
    }
    pause();
  }
  result->crashed = true;
  result->restart = WallClock() - down;
}

}  // namespace

ReplayResult Replay(Shop* shop, const ReplayOptions& options) {
  ReplayResult result;
  const std::vector<Step>& steps = shop->plan().steps;
  const size_t half = steps.size() / 2;
  std::atomic<size_t> next = 0;
  std::atomic<int> running = options.clients;
  std::atomic<bool> at_half = false;
  const Instant start = WallClock();
  std::vector<std::thread> clients;
  for (int i = 0; i < options.clients; ++i) {
    clients.emplace_back([&, i] {
      Shopper shopper(shop, options.addresses, i);
      for (size_t step = next.fetch_add(1); step < steps.size(); step = next.fetch_add(1)) {
        if (step == half) at_half = true;
        shopper.Play(steps[step]);
        ++shop->tally.steps;
      }
      --running;
    });
  }
  std::thread crash;
  for (int tick = 0; running > 0; ++tick) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (at_half && options.crash && !crash.joinable()) {
      crash = std::thread([&] { Crash(shop, options, &result); });
    }
    if (options.progress && tick % 50 == 49) options.progress(shop->tally.steps);
  }
  for (std::thread& client : clients) client.join();
  result.elapsed = WallClock() - start;
  if (crash.joinable()) crash.join();
  return result;
}

}  // namespace quartermaster::retail
