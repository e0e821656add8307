#include "storage/blobs/s3_address.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>

#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Keys have 77 characters after it, and S3 takes 1,024.
constexpr std::size_t longest_prefix = 512;

auto wrong(std::string_view what) {
  return fail(ErrorCode::bad_input, "S3 address: " + std::string(what));
}

/// Characters that mean the same to every service, in a path and in a signature.
bool is_plain(std::string_view text, std::string_view also) {
  return std::ranges::all_of(text, [also](char c) {
    return letters_and_digits.find(c) != std::string_view::npos ||
           also.find(c) != std::string_view::npos;
  });
}

Result<std::string> read_prefix(std::string path) {
  while (path.starts_with('/')) path.erase(0, 1);
  if (path.empty()) return path;
  if (!path.ends_with('/')) path += '/';
  const auto steps = "/" + path;
  const bool has_bad_step = steps.find("/./") != std::string::npos ||
                            steps.find("/../") != std::string::npos ||
                            steps.find("//") != std::string::npos;
  if (path.size() > longest_prefix || has_bad_step || !is_plain(path, "-_./")) {
    return wrong("the prefix takes letters, digits and - _ . between single slashes");
  }
  return path;
}

Result<std::string> read_endpoint(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  const bool is_web = url && (url->scheme() == "http" || url->scheme() == "https");
  if (!is_web || url->host().empty()) return wrong("endpoint must be http://HOST or https://HOST");
  if (url->has_userinfo() || url->has_query() || url->has_fragment() || url->path().size() > 1) {
    return wrong("endpoint takes scheme, host and port alone");
  }
  return std::string(text.substr(0, text.size() - url->path().size()));
}

Result<void> take(S3Address& address, const std::string& key, const std::string& value) {
  if (value.empty()) return wrong(key + " is empty");
  if (key == "endpoint") {
    address.endpoint = KHOCHUNG_TRY(read_endpoint(value));
  } else if (key == "region") {
    if (!is_plain(value, "-_")) return wrong("region takes letters, digits, - and _");
    address.region = value;
  } else if (key == "credentials") {
    address.credentials = value;
  } else if (key == "ca") {
    address.ca_file = value;
  } else if (key == "proxy") {
    address.proxy = value;
  } else {
    return wrong("\"" + key + "\" is not known; it takes endpoint, region, credentials, ca, proxy");
  }
  return {};
}

/// "name = value" of a line, both without blanks around them.
std::pair<std::string, std::string> setting_of(const std::string& line) {
  const auto trimmed = [](std::string text) {
    constexpr std::string_view blanks = " \t\r";
    text.erase(0, std::min(text.find_first_not_of(blanks), text.size()));
    text.erase(text.find_last_not_of(blanks) + 1);
    return text;
  };
  const auto sign = line.find('=');
  if (sign == std::string::npos) return {trimmed(line), ""};
  return {trimmed(line.substr(0, sign)), trimmed(line.substr(sign + 1))};
}

Result<S3Credentials> checked(S3Credentials read, const std::string& where) {
  if (read.access_key.empty() || read.secret_key.empty()) {
    return fail(ErrorCode::bad_input,
                "S3 credentials: access key or secret key is missing in " + where);
  }
  return read;
}

Result<S3Credentials> read_environment() {
  const auto value = [](const char* name) {
    const char* found = std::getenv(name);
    return std::string(found == nullptr ? "" : found);
  };
  return checked({value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY")}, "the environment");
}

Result<S3Credentials> read_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(error_of_errno(errno, "read " + path));
  if ((status.st_mode & 077U) != 0) {
    return fail(ErrorCode::bad_input,
                "S3 credentials: others may read " + path + "; chmod 600 keeps them out");
  }
  std::ifstream file(path);
  if (!file) return fail(ErrorCode::unavailable, "read " + path);
  S3Credentials read;
  std::string line;
  for (bool is_ours = true; std::getline(file, line);) {
    const auto [name, value] = setting_of(line);
    if (name.starts_with('[')) is_ours = name == "[default]";
    if (is_ours && name == "aws_access_key_id") read.access_key = value;
    if (is_ours && name == "aws_secret_access_key") read.secret_key = value;
  }
  return checked(std::move(read), path);
}

}  // namespace

Result<S3Address> S3Address::parse(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "s3" || url->has_userinfo() || url->has_fragment()) {
    return wrong("it must read s3://BUCKET/PREFIX?endpoint=URL&credentials=FILE");
  }
  S3Address address;
  address.bucket = url->encoded_host_and_port();
  if (address.bucket.size() < 3 || address.bucket.size() > 63 || !is_plain(address.bucket, ".-_")) {
    return wrong("a bucket has 3 to 63 letters, digits, dots and hyphens");
  }
  address.prefix = KHOCHUNG_TRY(read_prefix(url->path()));
  std::set<std::string> seen;
  for (const auto& parameter : url->params()) {
    if (!seen.insert(parameter.key).second) return wrong(parameter.key + " stands there twice");
    KHOCHUNG_CHECK(take(address, parameter.key, parameter.value));
  }
  if (address.endpoint.empty()) return wrong("endpoint=URL is missing");
  if (address.credentials.empty()) {
    return wrong("credentials=FILE or credentials=environment is missing");
  }
  return address;
}

std::string S3Address::location(std::string_view key) const {
  return "s3://" + bucket + "/" + std::string(key);
}

Result<S3Credentials> S3Credentials::read(const std::string& where) {
  return where == "environment" ? read_environment() : read_file(where);
}

}  // namespace khochung::storage
