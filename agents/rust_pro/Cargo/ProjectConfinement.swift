internal import AgentRuntime

/// Keeps cargo within the allowed roots, where a call leads it: not what a project's own code does.
struct ProjectConfinement: Sendable {
    private static let timeLimit = Duration.seconds(60)

    let programs: any ProgramRunning
    let paths: PathConfinement

    /// Checks the workspace of a project, which cargo searches further up, and builds in.
    ///
    /// - Parameters:
    ///   - project: The project.
    ///   - cargo: The path of cargo.
    ///   - environment: The environment that it will run in.
    /// - Throws: ``OperationError/Code/permissionDenied`` for a workspace outside the roots, and as
    ///   ``ProgramRunning/run(_:output:)``.
    func checkWorkspace(
        of project: CargoProject, cargo: String, environment: [String: String]
    ) async throws {
        let output = try await programs.output(
            of: Program(
                executable: cargo,
                arguments: ["locate-project", "--workspace", "--message-format", "plain"],
                environment: environment, directory: project.directory, timeLimit: Self.timeLimit))
        // What cargo cannot read here it cannot build either, and its answer then says why.
        guard output.end == .exited(0) else { return }
        let manifest = output.stdoutText.prefix { $0 != "\n" }
        do throws(OperationError) {
            _ = try paths.resolve(String(manifest))
        } catch {
            throw OperationError(
                error.code,
                "cannot run cargo in \(project.directory): its workspace is that of \(manifest), outside the allowed "
                    + "directories; allow that directory in OP_ALLOWED_ROOTS, or add an empty [workspace] table to the "
                    + "Cargo.toml of the crate")
        }
    }

    /// Checks the paths that a call gives to cargo.
    ///
    /// - Parameters:
    ///   - given: The paths.
    ///   - project: What relative ones start from.
    /// - Throws: ``OperationError/Code/permissionDenied`` for one outside the roots.
    func check(_ given: [CallerPath], of project: CargoProject) throws(OperationError) {
        for given in given {
            let absolute =
                given.path.hasPrefix("/") ? given.path : "\(project.directory)/\(given.path)"
            do throws(OperationError) {
                try paths.checkPlace(absolute)
            } catch {
                throw OperationError(
                    error.code, "cannot use the argument \(given.argument): \(error.message)")
            }
        }
    }
}
