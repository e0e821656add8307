#include "server/app/commands/print.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>

namespace khochung::app {

void print_json(const boost::json::value& value) {
  print_line(boost::json::serialize(value));
}

void print_line(std::string_view text) {
  fmt::print("{}\n", text);
}

int print_error(const Error& error, bool as_json) {
  const auto& face = face_of(error.code);
  const auto text = sentence_for(error, Language::vietnamese);
  if (as_json) {
    print_json(boost::json::object{{"error", face.name},
                                   {"reason", error.reason},
                                   {"message", text},
                                   {"detail", error.message}});
  } else {
    fmt::print(stderr, "{}\n({})\n", text, error.message);
  }
  return face.exit_code;
}

}  // namespace khochung::app
