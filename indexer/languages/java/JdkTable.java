import java.lang.reflect.*;
import java.net.URI;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;

/** Prints the public interface of the JDK packages named on the command line, one class a line. */
public class JdkTable {
    private static final Map<String, Integer> SIMPLE = new HashMap<>();

    public static void main(String[] packages) throws Exception {
        List<Class<?>> classes = new ArrayList<>();
        Path root = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
        for (String name : packages) {
            try (Stream<Path> files = Files.list(root.resolve(name.replace('.', '/')))) {
                for (Path file : files.sorted().collect(Collectors.toList())) {
                    String stem = file.getFileName().toString();
                    if (stem.endsWith(".class") && !stem.contains("-")) {
                        Class<?> found = Class.forName(name + "." + stem.replace(".class", ""), false, null);
                        if (visible(found)) {
                            classes.add(found);
                        }
                    }
                }
            }
        }
        classes.sort(Comparator.comparing(Class::getCanonicalName));
        for (Class<?> c : classes) {
            SIMPLE.merge(c.getSimpleName(), 1, Integer::sum);
        }
        for (Class<?> c : classes) {
            System.out.println(line(c));
        }
    }

    private static boolean visible(Class<?> c) {
        if (c.isAnonymousClass() || c.isLocalClass() || c.isSynthetic()) {
            return false;
        }
        for (Class<?> x = c; x != null; x = x.getDeclaringClass()) {
            if (!Modifier.isPublic(x.getModifiers())) {
                return false;
            }
        }
        return true;
    }

    private static String line(Class<?> c) {
        int m = c.getModifiers();
        String kind = c.isAnnotation() ? "annotation" : c.isInterface() ? "interface" : c.isEnum() ? "enum"
            : Modifier.isFinal(m) ? "final" : Modifier.isAbstract(m) ? "abstract" : "class";
        List<String> supers = new ArrayList<>();
        Class<?> open = c;
        while (open.getSuperclass() != null && hidden(open.getSuperclass())) {
            open = open.getSuperclass();
        }
        if (open.getGenericSuperclass() != null && open.getSuperclass() != Object.class) {
            supers.add(type(open.getGenericSuperclass()));
        }
        for (Class<?> x = c; x != null && (x == c || hidden(x)); x = x.getSuperclass()) {
            for (Type t : x.getGenericInterfaces()) {
                supers.add(type(t));
            }
        }
        List<String> members = new ArrayList<>();
        for (Field f : c.getDeclaredFields()) {
            if (Modifier.isPublic(f.getModifiers()) && !f.isSynthetic()) {
                members.add(f.getName() + ":" + type(f.getGenericType()));
            }
        }
        Map<String, String> methods = new TreeMap<>();
        for (Class<?> x = c; x != null && (x == c || hidden(x)); x = x.getSuperclass()) {
            for (Method f : x.getDeclaredMethods()) {
                boolean seen = Modifier.isPublic(f.getModifiers()) || Modifier.isProtected(f.getModifiers());
                if (seen && !f.isSynthetic() && !f.isBridge()) {
                    methods.putIfAbsent(f.getName() + Arrays.toString(f.getParameterTypes()), method(f));
                }
            }
        }
        members.addAll(new TreeSet<>(methods.values()));
        return String.join("\t", c.getCanonicalName(), parameters(c.getTypeParameters()), kind,
            String.join(",", new LinkedHashSet<>(supers)), String.join(";", members));
    }

    private static boolean hidden(Class<?> c) {
        return c != Object.class && !Modifier.isPublic(c.getModifiers());
    }

    private static String method(Method f) {
        int m = f.getModifiers();
        String flag = Modifier.isStatic(m) ? "static " : Modifier.isAbstract(m) ? "abstract " : "";
        Type[] types = f.getGenericParameterTypes();
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < types.length; i++) {
            String said = type(types[i]);
            boolean last = f.isVarArgs() && i == types.length - 1;
            parameters.add(last ? said.substring(0, said.length() - 2) + "..." : said);
        }
        String variables = parameters(f.getTypeParameters());
        return flag + (variables.isEmpty() ? "" : "<" + variables + ">") + f.getName()
            + "(" + String.join(",", parameters) + ")" + type(f.getGenericReturnType());
    }

    private static String parameters(TypeVariable<?>[] variables) {
        return Arrays.stream(variables).map(v -> {
            Type bound = v.getBounds()[0];
            return bound == Object.class ? v.getName() : v.getName() + " extends " + type(bound);
        }).collect(Collectors.joining(","));
    }

    private static String type(Type t) {
        if (t instanceof Class<?> c) {
            if (c.isArray()) {
                return type(c.getComponentType()) + "[]";
            }
            boolean known = c.isPrimitive() || SIMPLE.getOrDefault(c.getSimpleName(), 0) == 1;
            return known ? c.getSimpleName() : c.getCanonicalName();
        }
        if (t instanceof ParameterizedType p) {
            return type(p.getRawType()) + "<"
                + Arrays.stream(p.getActualTypeArguments()).map(JdkTable::type).collect(Collectors.joining(",")) + ">";
        }
        if (t instanceof GenericArrayType a) {
            return type(a.getGenericComponentType()) + "[]";
        }
        if (t instanceof WildcardType w) {
            if (w.getLowerBounds().length > 0) {
                return "? super " + type(w.getLowerBounds()[0]);
            }
            Type bound = w.getUpperBounds()[0];
            return bound == Object.class ? "?" : "? extends " + type(bound);
        }
        return t.getTypeName();
    }
}
