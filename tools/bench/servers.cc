#include "tools/bench/servers.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "tools/bench/load.h"

namespace quartermaster::bench {
namespace {

// This binary, which is its own echo server.
std::string SelfPath() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace

Servers::Servers(const std::string& server, tools::Shape shape)
    : tcp_(absl::StrCat("127.0.0.1:", FreePort())),
      echo_tcp_(absl::StrCat("127.0.0.1:", FreePort())),
      echo_unix_("unix:" + directory_.path() + "/echo.socket") {
  for (const tools::ServerProcess& process : tools::ProcessesOf(shape, directory_.path())) {
    const bool has_stock = process.name == "all" || process.name == "stock";
    if (has_stock) unix_ = process.address;
    std::vector<std::string> arguments = {server,      "--listen",    has_stock ? tcp_ : "",
                                          "--metrics", "127.0.0.1:0", "--log-level",
                                          "warning"};
    arguments.insert(arguments.end(), process.arguments.begin(), process.arguments.end());
    Start(std::move(arguments));
  }
  Start({SelfPath(), "echo-server", echo_tcp_, echo_unix_});
  AwaitServer(tcp_);
  AwaitServer(echo_tcp_);
}

Servers::~Servers() {
  while (!children_.empty()) children_.pop_back();
}

void Servers::Restart() {
  children_.front()->Kill();
  children_.front()->Start();
}

void Servers::Start(std::vector<std::string> arguments) {
  children_.push_back(std::make_unique<tools::ChildProcess>(std::move(arguments)));
  children_.back()->Start();
}

}  // namespace quartermaster::bench
