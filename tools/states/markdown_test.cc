// The page in the tree is what the tables say. After a change that is meant:
//   QM_REWRITE=1 build/release/tests/order_states_test
// and review the difference.
#include "tools/states/markdown.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace quartermaster::orders {
namespace {

TEST(StatesPageTest, IsWhatTheTablesSay) {
  constexpr char kPath[] = "services/orders/STATES.md";
  if (std::getenv("QM_REWRITE") != nullptr) {
    std::ofstream(kPath) << StatesPage();
    return;
  }
  std::stringstream written;
  written << std::ifstream(kPath).rdbuf();
  EXPECT_EQ(StatesPage(), written.str()) << kPath << " (QM_REWRITE=1 writes it anew)";
}

}  // namespace
}  // namespace quartermaster::orders
