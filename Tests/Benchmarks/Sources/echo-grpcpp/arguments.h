#pragma once

#include <map>
#include <string>

// The command line: a command, then key=value in any order, as the Swift programs have it.
class Arguments {
  public:
    // Throws std::invalid_argument where it cannot be read.
    Arguments(int count, char **words);

    std::string command;

    // A whole number from 1; throws std::invalid_argument where it is missing and has no fallback.
    int count(const std::string &key, int fallback = 0) const;

    // Throws std::invalid_argument where it is missing or not above 0.
    double seconds() const;

  private:
    std::map<std::string, std::string> values;

    [[noreturn]] void refuse(const std::string &key, const std::string &wanted) const;
};
