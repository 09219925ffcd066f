// Golden files: what is compared with a file under testdata, and written there when QM_REWRITE is
// set. Rewritten files are committed only when their difference is understood.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_TESTING_GOLDEN_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_TESTING_GOLDEN_H_

#include <string>
#include <string_view>

namespace quartermaster::orders {

// "services/orders/codec/testdata/<name>", from the root of the repository, where tests run.
std::string TestdataPath(std::string_view name);
std::string ReadFile(const std::string& path);
// A failure of the test if the file has other content.
void ExpectGolden(const std::string& path, const std::string& actual);
// "0a036f2d31": 32 bytes a line.
std::string Hex(std::string_view bytes);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_TESTING_GOLDEN_H_
