#include "tools/qm/commands/follow.h"

#include <iostream>
#include <thread>

namespace quartermaster::qm {
namespace {

constexpr std::chrono::milliseconds kPause{200};

}  // namespace

Follow::Follow(Context& context) : context_(context) { Heard(); }

void Follow::Heard() {
  give_up_ = std::chrono::steady_clock::now() + context_.settings().timeout;
  if (told_) context_.Note("connected again");
  told_ = false;
}

bool Follow::Again(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  if (std::chrono::steady_clock::now() + kPause >= give_up_) return false;
  if (!told_) context_.Note("the server has gone: trying again");
  told_ = true;
  std::this_thread::sleep_for(kPause);
  return true;
}

bool OutputIsOpen() {
  std::cout.flush();
  return static_cast<bool>(std::cout);
}

}  // namespace quartermaster::qm
