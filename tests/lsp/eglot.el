;; Drives a real Emacs with eglot through a session and writes what it saw as JSON.
(require 'cl-lib)
(require 'json)
(require 'project)
(require 'eglot)
(require 'xref)

(defvar cg-root (file-name-as-directory (getenv "CG_ROOT")))
(defvar cg-seen nil)

(defun cg-put (key value) (push (cons key value) cg-seen))

(cl-defmethod project-root ((project (head cg))) (cdr project))
(setq project-find-functions (list (lambda (_) (cons 'cg cg-root)))
      eglot-sync-connect 60
      eglot-autoshutdown nil
      xref-prompt-for-identifier nil
      make-backup-files nil
      create-lockfiles nil)

(defun cg-at (text &optional offset)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (+ (match-beginning 0) (or offset 0))))

(defun cg-place (xref)
  (let ((location (xref-item-location xref)))
    (list (file-name-nondirectory (xref-location-group location))
          (xref-location-line location))))

(defun cg-server () (eglot-current-server))

(defun cg-ask (method params)
  (jsonrpc-request (cg-server) method params :timeout 60))

(defun cg-main ()
  (find-file (concat cg-root "pkg/child.py"))
  (apply #'eglot (list '(python-mode) (project-current) 'eglot-lsp-server
                       (append (json-parse-string (getenv "CG_COMMAND")) nil) "python"))
  (cg-put 'connected (if (eglot-managed-p) t :json-false))
  (cg-ask :codexgraph/status '(:wait t))
  (cg-at "helper(\"")
  (cg-put 'references
          (vconcat (mapcar #'cg-place (xref-backend-references 'eglot "helper"))))
  (cg-at "h(\"x\")")
  (call-interactively #'xref-find-definitions)
  (cg-put 'jumped (list (file-name-nondirectory buffer-file-name) (line-number-at-pos)))
  (find-file (concat cg-root "pkg/child.py"))
  (cg-at "class Child" 6)
  (cg-put 'rename (condition-case problem
                      (progn (cg-ask :textDocument/rename
                                     (append (eglot--TextDocumentPositionParams)
                                             '(:newName "Other")))
                             "done")
                    (error (format "%s" problem))))
  (cg-put 'apropos (vconcat (mapcar #'cg-place (xref-backend-apropos 'eglot "make"))))
  ;; Wide characters before the place, in an edited buffer that is not saved.
  (goto-char (point-min))
  (insert "# 😀\n")
  (eglot--signal-textDocument/didChange) ; in batch mode its idle timer never runs
  (cg-at "h(\"x\")")
  (cg-put 'edited (vconcat (mapcar #'cg-place (xref-backend-definitions 'eglot "h"))))
  (goto-char (point-max))
  (insert "\n\ndef later():\n    return h(\"new\")\n")
  (save-buffer)
  (cg-at "h(\"new\")")
  (cg-put 'fresh (vconcat (mapcar #'cg-place (xref-backend-definitions 'eglot "h"))))
  (eglot-shutdown (cg-server)))

(condition-case problem
    (cg-main)
  (error (cg-put 'problem (format "%S" problem))))
(with-temp-file (getenv "CG_OUT")
  (insert (json-encode cg-seen)))
