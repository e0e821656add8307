#include <boost/assert.hpp>
#include <stdexcept>
#include <string>

// Boost's assertions are handled here in every program of ours (BOOST_ENABLE_ASSERT_HANDLER). Beast
// 1.81 has some that bytes from the network can break: they end the one connection that broke them,
// as an exception that its coroutine catches, and never the process.
namespace boost {

void assertion_failed_msg(const char* expression, const char* message, const char* function,
                          const char* file, long line) {
  throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": " + function +
                         ": assertion " + expression + " failed: " + message);
}

void assertion_failed(const char* expression, const char* function, const char* file, long line) {
  assertion_failed_msg(expression, "", function, file, line);
}

}  // namespace boost
