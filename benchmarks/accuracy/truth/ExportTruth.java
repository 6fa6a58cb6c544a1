import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Prints what javac resolved every name of some sources to, a row of tab-separated fields each:
 * file, line, column, kind, who uses, what is used, file:line of what is used.
 *
 * <p>Two passes over the attributed trees: the first notes where everything is defined, the second
 * what is used. What has no place in the text (a constructor that nobody wrote) is left out.
 *
 * <p>Arguments: the folder below which paths are printed; folders and files of sources; options of
 * javac, each with its value.
 */
public final class ExportTruth {
  private final Path root;
  private final Trees trees;
  private final Elements elements;
  private final Types types;
  private final SourcePositions positions;
  private final PrintStream out;
  private final Map<Element, String> places = new HashMap<>();

  private ExportTruth(Path root, JavacTask task, PrintStream out) {
    this.root = root;
    this.trees = Trees.instance(task);
    this.elements = task.getElements();
    this.types = task.getTypes();
    this.positions = trees.getSourcePositions();
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      System.err.println("this java has no compiler: give the java of a JDK");
      System.exit(1);
    }
    Path root = Path.of(arguments[0]).toRealPath();
    List<Path> sources = new ArrayList<>();
    List<String> options = new ArrayList<>(List.of("-proc:none", "-Xmaxerrs", "10000"));
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, null, StandardCharsets.UTF_8)) {
      for (int i = 1; i < arguments.length; i++) {
        String argument = arguments[i];
        if (!argument.startsWith("-")) {
          addSources(Path.of(argument), sources);
          continue;
        }
        options.add(argument);
        int values =
            Math.max(compiler.isSupportedOption(argument), files.isSupportedOption(argument));
        if (values > 0 && i + 1 < arguments.length) {
          options.add(arguments[++i]);
        }
      }
      if (sources.isEmpty()) {
        System.err.println("no Java source in what was given");
        System.exit(1);
      }
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, diagnostics, options, null, files.getJavaFileObjectsFromPaths(sources));
      List<CompilationUnitTree> units = new ArrayList<>();
      task.parse().forEach(units::add);
      task.analyze();
      PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
      ExportTruth export = new ExportTruth(root, task, out);
      units.forEach(unit -> export.new Definitions(unit).scan(unit, null));
      units.forEach(unit -> export.new Uses(unit).scan(unit, null));
      out.flush();
    } catch (IllegalArgumentException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
    for (Diagnostic<? extends JavaFileObject> each : diagnostics.getDiagnostics()) {
      if (each.getKind() == Diagnostic.Kind.ERROR) {
        System.err.println(each.toString().lines().findFirst().orElse(""));
      }
    }
  }

  private static void addSources(Path place, List<Path> sources) throws IOException {
    try (Stream<Path> found = Files.walk(place)) {
      found
          .filter(path -> path.toString().endsWith(".java") && Files.isRegularFile(path))
          .filter(path -> !path.endsWith("module-info.java"))
          .sorted()
          .forEach(sources::add);
    }
  }

  /** What both passes know of where they are. */
  private abstract class Pass extends TreePathScanner<Void, Void> {
    final CompilationUnitTree unit;
    final LineMap lines;
    final String file;

    Pass(CompilationUnitTree unit) {
      this.unit = unit;
      this.lines = unit.getLineMap();
      Path path = Path.of(unit.getSourceFile().toUri()).toAbsolutePath().normalize();
      this.file = path.startsWith(root) ? root.relativize(path).toString() : path.toString();
    }

    Element element() {
      return trees.getElement(getCurrentPath());
    }

    long start(Tree tree) {
      return positions.getStartPosition(unit, tree);
    }

    /** False for what javac itself put into the tree: default constructors, for one. */
    boolean isWritten(Tree tree, Element element) {
      return start(tree) >= 0
          && element != null
          && elements.getOrigin(element) == Elements.Origin.EXPLICIT;
    }
  }

  /** Notes where each class, method and field is defined. */
  private final class Definitions extends Pass {
    Definitions(CompilationUnitTree unit) {
      super(unit);
    }

    @Override
    public Void visitClass(ClassTree tree, Void unused) {
      note(tree);
      return super.visitClass(tree, unused);
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
      note(tree);
      return super.visitMethod(tree, unused);
    }

    @Override
    public Void visitVariable(VariableTree tree, Void unused) {
      note(tree);
      return super.visitVariable(tree, unused);
    }

    private void note(Tree tree) {
      Element element = element();
      if (isWritten(tree, element)) {
        places.put(element, file + ":" + lines.getLineNumber(start(tree)));
      }
    }
  }

  /** Prints definitions and uses. */
  private final class Uses extends Pass {
    private final Deque<Element> owners = new ArrayDeque<>();

    Uses(CompilationUnitTree unit) {
      super(unit);
    }

    @Override
    public Void visitImport(ImportTree tree, Void unused) {
      scan(tree.getQualifiedIdentifier(), null);
      return null;
    }

    @Override
    public Void visitClass(ClassTree tree, Void unused) {
      Element element = element();
      if (element instanceof TypeElement type) {
        if (start(tree) >= 0) {
          define(start(tree), "defclass", element);
          List<TypeMirror> parents = new ArrayList<>(type.getInterfaces());
          parents.add(0, type.getSuperclass());
          for (TypeMirror parent : parents) {
            if (parent instanceof DeclaredType declared) {
              row(start(tree), "inherits", name(element), declared.asElement(), true);
            }
          }
        }
        owners.push(element);
        super.visitClass(tree, unused);
        owners.pop();
        return null;
      }
      return super.visitClass(tree, unused);
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
      Element element = element();
      if (element == null) {
        return super.visitMethod(tree, unused);
      }
      if (isWritten(tree, element)) {
        define(start(tree), "defmethod", element);
      }
      owners.push(element);
      super.visitMethod(tree, unused);
      owners.pop();
      return null;
    }

    @Override
    public Void visitVariable(VariableTree tree, Void unused) {
      Element element = element();
      if (element != null && isField(element) && start(tree) >= 0) {
        define(start(tree), "deffield", element);
      }
      return super.visitVariable(tree, unused);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree tree, Void unused) {
      Tree select = tree.getMethodSelect();
      use(start(tree), "call", elementOf(select));
      if (select instanceof MemberSelectTree member) {
        scan(member.getExpression(), null);
      }
      scan(tree.getTypeArguments(), null);
      scan(tree.getArguments(), null);
      return null;
    }

    @Override
    public Void visitNewClass(NewClassTree tree, Void unused) {
      use(start(tree), "new", element());
      return super.visitNewClass(tree, unused);
    }

    @Override
    public Void visitMemberReference(MemberReferenceTree tree, Void unused) {
      use(start(tree), "mref", element());
      return super.visitMemberReference(tree, unused);
    }

    @Override
    public Void visitIdentifier(IdentifierTree tree, Void unused) {
      useName(start(tree));
      return super.visitIdentifier(tree, unused);
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree tree, Void unused) {
      useName(start(tree));
      return super.visitMemberSelect(tree, unused);
    }

    private void useName(long position) {
      Element element = element();
      if (element instanceof TypeElement) {
        use(position, "typeref", element);
      } else if (element != null && isField(element)) {
        use(position, "fieldref", element);
      }
    }

    private Element elementOf(Tree tree) {
      return trees.getElement(new TreePath(getCurrentPath(), tree));
    }

    private void define(long position, String kind, Element element) {
      print(position, kind, "", name(element), file);
    }

    private void use(long position, String kind, Element target) {
      boolean isNamed = target instanceof TypeElement || target instanceof ExecutableElement;
      if (isNamed || target != null && isField(target)) {
        row(position, kind, owners.isEmpty() ? "" : name(owners.peek()), target, false);
      }
    }

    private void row(long position, String kind, String source, Element target, boolean isHead) {
      String place = places.get(target);
      if (place == null && target instanceof ExecutableElement) {
        // A constructor that nobody wrote is where its class is.
        place = places.get(target.getEnclosingElement());
      }
      if (position >= 0) {
        print(position, kind, source, name(target), place == null ? "" : place);
      }
    }

    private void print(long position, String kind, String source, String target, String place) {
      long line = lines.getLineNumber(position);
      long column = kind.equals("inherits") ? 0 : lines.getColumnNumber(position);
      out.print(String.join("\t", file, "" + line, "" + column, kind, source, target, place) + "\n");
    }
  }

  private static boolean isField(Element element) {
    ElementKind kind = element.getKind();
    return element instanceof VariableElement
        && (kind == ElementKind.FIELD || kind == ElementKind.ENUM_CONSTANT);
  }

  /** `package.Outer$Inner`, with `#member` and erased parameter types. */
  private String name(Element element) {
    if (element instanceof TypeElement type) {
      return elements.getBinaryName(type).toString();
    }
    Element owner = element.getEnclosingElement();
    String prefix = owner instanceof TypeElement ? name(owner) : String.valueOf(owner);
    if (element instanceof ExecutableElement method) {
      String parameters =
          method.getParameters().stream()
              .map(parameter -> erased(parameter.asType()))
              .collect(Collectors.joining(","));
      return prefix + "#" + method.getSimpleName() + "(" + parameters + ")";
    }
    return prefix + "#" + element.getSimpleName();
  }

  private String erased(TypeMirror type) {
    return type.getKind() == TypeKind.ERROR ? "?" : types.erasure(type).toString();
  }
}
