-- Drives a real Neovim through a session with the server and writes what it saw as JSON.
local root, out = vim.env.CG_ROOT, vim.env.CG_OUT
local seen = { progress = {}, messages = {} }

local function finish()
  local file = assert(io.open(out, 'w'))
  file:write(vim.json.encode(seen))
  file:close()
  vim.cmd('qa!')
end

vim.notify = function(text) table.insert(seen.messages, text) end

vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event) table.insert(seen.progress, event.data.params.value) end,
})

local function main()
  assert(loadfile(vim.env.CG_INIT))() -- what docs/editors.md tells to write into init.lua
  vim.cmd.cd(root)
  vim.cmd.filetype('on')
  vim.cmd.edit(root .. '/pkg/child.py')
  local client
  vim.wait(60000, function()
    client = vim.lsp.get_clients({ name = 'codexgraph', bufnr = 0 })[1]
    return client ~= nil and client.initialized
  end, 20)
  seen.encoding = client.offset_encoding

  local function ask(method, params)
    local answer = client:request_sync(method, params, 60000, vim.api.nvim_get_current_buf())
    if not answer then return nil, 'no answer' end
    return answer.result, answer.err and answer.err.message
  end
  local function place(text, offset)
    vim.fn.cursor(1, 1)
    vim.fn.search('\\V' .. text, 'cW')
    local at = vim.api.nvim_win_get_cursor(0)
    vim.api.nvim_win_set_cursor(0, { at[1], at[2] + (offset or 0) })
    return vim.lsp.util.make_position_params(0, client.offset_encoding)
  end

  ask('codexgraph/status', { wait = true })
  vim.wait(10000, function()
    local last = seen.progress[#seen.progress]
    return last and last.kind == 'end'
  end, 20)

  -- Jump, as a person does.
  place('helper("')
  vim.lsp.buf.definition()
  vim.wait(20000, function() return vim.fn.bufname():match('base.py$') ~= nil end, 20)
  seen.jumped_to = { vim.fn.bufname(), vim.api.nvim_win_get_cursor(0)[1] }
  vim.cmd.edit(root .. '/pkg/child.py')

  local params = place('helper("')
  params.context = { includeDeclaration = false }
  seen.references = ask('textDocument/references', params)
  seen.hover = ask('textDocument/hover', place('helper("'))
  seen.behind_wide = ask('textDocument/definition', place('h("x")'))
  _, seen.rename_error = ask('textDocument/rename',
    vim.tbl_extend('force', place('helper("'), { newName = 'other' }))
  vim.lsp.buf.rename('other')
  vim.wait(500, function() return #seen.messages > 0 end, 20)

  local items = ask('textDocument/prepareCallHierarchy', place('def run', 4))
  seen.callers = ask('callHierarchy/incomingCalls', { item = items[1] })
  seen.callees = ask('callHierarchy/outgoingCalls', { item = items[1] })
  items = ask('textDocument/prepareTypeHierarchy', place('class Child', 6))
  seen.bases = ask('typeHierarchy/supertypes', { item = items[1] })
  seen.symbols = ask('workspace/symbol', { query = 'help' })

  -- Edit: the answers move with the text before anything is saved.
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# one', '# two' })
  seen.edited = ask('textDocument/definition', place('Child("z")'))
  -- A new caller is known at once, and by everybody after the save.
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', '', 'def later():', '    return h("new")' })
  seen.new_line = ask('textDocument/definition', place('h("new")'))
  local before = vim.uv.hrtime()
  vim.cmd.write()
  params = place('helper("')
  params.context = { includeDeclaration = false }
  seen.fresh = ask('textDocument/references', params)
  seen.fresh_ms = (vim.uv.hrtime() - before) / 1e6
  ask('codexgraph/status', { wait = true })
  seen.indexed = ask('codexgraph/query', {
    uri = params.textDocument.uri,
    cypher = "MATCH (n:FUNCTION)-[:CALLS]->(m) WHERE m.name = 'helper' RETURN n.name ORDER BY n.name",
  })

  -- Another language: the same server, nothing set up for it.
  vim.cmd.edit(root .. '/src/b/Square.java')
  seen.java_attached = vim.lsp.buf_is_attached(0, client.id)
  seen.java_definition = ask('textDocument/definition', place('shape.area', 6))
  seen.java_bases = ask('typeHierarchy/supertypes',
    { item = ask('textDocument/prepareTypeHierarchy', place('Square extends'))[1] })
  items = ask('textDocument/prepareCallHierarchy', place('int helper', 4))
  seen.java_callers = ask('callHierarchy/incomingCalls', { item = items[1] })

  -- What a model writes comes into the buffer, and nothing is saved.
  vim.cmd.edit(root .. '/pkg/base.py')
  place('def helper', 4)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action) return action.title:match('Write docstring') ~= nil end,
  })
  vim.wait(60000, function() return vim.bo.modified end, 20)
  seen.written = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.cmd.edit({ bang = true })
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'made = ' })
  params = place('made = ')
  params.position.character = #'made = ' -- where the cursor is in insert mode
  params.context = { triggerKind = 1 }
  seen.suggested = ask('textDocument/inlineCompletion', params)

  client:stop()
  vim.wait(5000, function() return client:is_stopped() end, 20)
  seen.stopped = client:is_stopped()
end

local ok, problem = xpcall(main, debug.traceback)
if not ok then seen.problem = problem end
finish()
