#include "tests/storage/s3_server/s3_server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <stdexcept>

#include "storage/blobs/s3_client.hpp"

namespace khochung::storage {
namespace {

std::string first_line(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

S3Server::S3Server() {
  start();
  make_bucket();
}

void S3Server::start() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  its_input_ = FileDescriptor(in[1]);
  const FileDescriptor given_input(in[0]);
  its_output_ = FileDescriptor(out[0]);
  FileDescriptor given_output(out[1]);
  const char* sources = std::getenv("KHOCHUNG_SOURCE_DIR");
  std::string script =
      std::string(sources == nullptr ? "." : sources) + "/tests/storage/s3_server/swift_s3.py";
  std::string folder = folder_.path().string();
  // Debian's Python, whatever else is on the path: it has Debian's packages.
  std::string python = "/usr/bin/python3";
  std::string no_bytecode = "-B";
  std::array<char*, 5> arguments{python.data(), no_bytecode.data(), script.data(), folder.data(),
                                 nullptr};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  const int failed =
      ::posix_spawn(&process_, python.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  given_output = FileDescriptor();
  if (failed != 0) throw std::runtime_error("python3 does not start");
  const auto line = first_line(its_output_.get());
  if (line.empty()) throw std::runtime_error("Swift does not start; see above");
  const auto said = boost::json::parse(line).as_object();
  const auto text = [&said](const char* name) { return std::string(said.at(name).as_string()); };
  address_.endpoint = text("endpoint");
  tls_endpoint_ = text("tls_endpoint");
  certificate_ = text("certificate");
  address_.region = text("region");
  address_.bucket = "archive";
  credentials_ = {text("access_key"), text("secret_key")};
}

void S3Server::make_bucket() const {
  const S3Client client(address_, credentials_, {});
  const auto made = client.send({.method = S3Request::Method::put});
  if (!made) throw std::runtime_error(made.error().message);
}

S3Server::~S3Server() {
  its_input_ = FileDescriptor();
  ::waitpid(process_, nullptr, 0);
}

S3Address S3Server::address(const std::string& prefix) const {
  auto address = address_;
  address.prefix = prefix;
  return address;
}

S3Address S3Server::tls_address(const std::string& prefix) const {
  auto changed = address(prefix);
  changed.endpoint = tls_endpoint_;
  return changed;
}

std::uint16_t S3Server::port() const {
  return static_cast<std::uint16_t>(
      std::stoi(address_.endpoint.substr(address_.endpoint.rfind(':') + 1)));
}

void S3Server::enter(const std::vector<std::string>& keys) const {
  boost::json::array names(keys.begin(), keys.end());
  auto line = boost::json::serialize(
                  boost::json::object{{"bucket", address_.bucket}, {"keys", std::move(names)}}) +
              "\n";
  for (std::string_view left = line; !left.empty();) {
    const auto count = ::write(its_input_.get(), left.data(), left.size());
    if (count <= 0) throw std::runtime_error("the S3 server is gone");
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  if (first_line(its_output_.get()) != "done") throw std::runtime_error("the list has not grown");
}

const S3Server& s3_server() {
  static const S3Server server;
  return server;
}

}  // namespace khochung::storage
