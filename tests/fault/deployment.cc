#include "tests/fault/deployment.h"

#include <fcntl.h>
#include <grpcpp/generic/generic_stub.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <future>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "tools/retail/clock.h"

namespace quartermaster::crash {
namespace {

constexpr Micros kStopsWithin = Seconds(30);

std::string HowItEnded(int status) {
  if (WIFEXITED(status)) return absl::StrCat("exit code ", WEXITSTATUS(status));
  return absl::StrCat("signal ", WTERMSIG(status));
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

// What a child does between fork and exec: only calls that are safe there.
[[noreturn]] void Become(char* const* arguments, const char* output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (in < 0 || out < 0) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, std::string output)
    : arguments_(std::move(arguments)), output_(std::move(output)) {}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Start() {
  QM_CHECK(pid_ < 0) << arguments_[0] << " runs";
  std::vector<char*> argv;
  for (const std::string& one : arguments_) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  QM_CHECK(pid_ >= 0) << "fork failed";
  if (pid_ == 0) Become(argv.data(), output_.c_str(), parent);
}

void ChildProcess::SendKill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<std::string> ChildProcess::Kill() {
  if (pid_ < 0) return std::nullopt;
  SendKill();
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  // A process that has ended keeps how it did, whatever it is sent.
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return std::nullopt;
  return HowItEnded(status);
}

std::optional<std::string> ChildProcess::Ended() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return HowItEnded(status);
}

std::string ChildProcess::Wait(Micros at_most) {
  const Instant until = retail::WallClock() + at_most;
  while (retail::WallClock() < until) {
    if (const auto ended = Ended()) return *ended;
    Pause();
  }
  Kill();
  return "killed, because it took too long";
}

void ChildProcess::Terminate() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

Deployment::Deployment(const std::string& server, Shape shape, const std::string& directory) {
  struct Plan {
    const char* name;
    const char* services;
  };
  const std::vector<Plan> plans = shape == Shape::kOne
                                      ? std::vector<Plan>{{"all", "all"}}
                                      : std::vector<Plan>{{"log", "log"},
                                                          {"stock", "stock,catalog"},
                                                          {"orders", "orders"},
                                                          {"routing", "routing"}};
  const auto socket_of = [&](const char* name) {
    return absl::StrCat("unix:", directory, "/", name, ".socket");
  };
  address_text_ = shape == Shape::kOne
                      ? socket_of("all")
                      : absl::StrCat("log=", socket_of("log"), ",orders=", socket_of("orders"),
                                     ",routing=", socket_of("routing"), ",", socket_of("stock"));
  const auto addresses = tools::AddressBook::Parse(address_text_);
  QM_CHECK(addresses.ok()) << addresses.status();
  addresses_ = *addresses;
  for (const Plan& plan : plans) {
    Node& node = nodes_.emplace_back();
    node.name = plan.name;
    node.directory = absl::StrCat(directory, "/", plan.name);
    std::vector<std::string> arguments = {server,
                                          "--services",
                                          plan.services,
                                          "--listen",
                                          "",
                                          "--metrics",
                                          "",
                                          "--data-dir",
                                          node.directory,
                                          "--socket",
                                          absl::StrCat(directory, "/", plan.name, ".socket")};
    if (shape == Shape::kMany && node.name != "log") {
      for (const char* peer : {"stock", "orders", "routing"}) {
        arguments.push_back(absl::StrCat("--", peer));
        arguments.push_back(socket_of(peer));
      }
      arguments.push_back("--log");
      arguments.push_back(absl::StrCat("unix:", directory, "/log/log.socket"));
    }
    node.process = std::make_unique<ChildProcess>(std::move(arguments),
                                                  absl::StrCat(directory, "/", plan.name, ".log"));
    grpc::ChannelArguments channel;
    channel.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
    channel.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 50);
    node.channel = grpc::CreateCustomChannel(socket_of(plan.name),
                                             grpc::InsecureChannelCredentials(), channel);
  }
}

void Deployment::StartAll() {
  for (size_t i = 0; i < nodes_.size(); ++i) Start(i);
}

std::vector<std::string> Deployment::Kill(const std::vector<size_t>& nodes) {
  std::vector<std::string> ended;
  for (const size_t i : nodes) nodes_[i].process->SendKill();
  for (const size_t i : nodes) {
    if (const auto how = nodes_[i].process->Kill()) {
      ended.push_back(absl::StrCat(nodes_[i].name, " ended by itself: ", *how));
    }
  }
  return ended;
}

std::vector<std::string> Deployment::ReviveEnded() {
  std::vector<std::string> ended;
  for (const Node& node : nodes_) {
    if (const auto how = node.process->Ended()) {
      ended.push_back(absl::StrCat(node.name, " ended by itself: ", *how));
      node.process->Start();
    }
  }
  return ended;
}

// grpc.health.v1.Health/Check of all services of the process, by its bytes.
bool Deployment::IsServing(const Node& node) {
  grpc::GenericStub stub(node.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  context.set_wait_for_ready(true);
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &received,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  if (!done.get_future().get().ok()) return false;
  grpc::Slice flat;
  if (!received.DumpToSingleSlice(&flat).ok()) return false;
  return std::string(reinterpret_cast<const char*>(flat.begin()), flat.size()) == "\x08\x01";
}

absl::Status Deployment::AwaitServing(Micros timeout) {
  const Instant until = retail::WallClock() + timeout;
  for (const Node& node : nodes_) {
    while (!IsServing(node)) {
      if (retail::WallClock() > until) {
        return absl::DeadlineExceededError(absl::StrCat(node.name, " does not serve"));
      }
      Pause();
    }
  }
  return absl::OkStatus();
}

std::string Deployment::Stop(size_t node, Micros at_most) {
  ChildProcess& process = *nodes_[node].process;
  if (const auto how = process.Ended()) return absl::StrCat("ended before it was asked to: ", *how);
  process.Terminate();
  return process.Wait(at_most);
}

std::vector<std::string> Deployment::StopAll() {
  std::vector<std::string> bad;
  // Who asks others goes first.
  for (size_t i = nodes_.size(); i-- > 0;) {
    const std::string how = Stop(i, kStopsWithin);
    if (how != "exit code 0") bad.push_back(absl::StrCat(nodes_[i].name, " after SIGTERM: ", how));
  }
  return bad;
}

}  // namespace quartermaster::crash
